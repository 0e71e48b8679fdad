package gateway

import (
	"net/http"
	"strings"
	"testing"
)

// byHost shakes hands naming another host.
func (e *env) byHost(t *testing.T, host string) *http.Response {
	t.Helper()
	c := e.dialTCP(t)
	c.send([]byte(strings.Replace(upgradeRequest("/chat"), "Host: k7demo9x2a.execute-api.eu-west-1.amazonaws.com", "Host: "+host, 1)))
	return c.response()
}

// An API that has custom domains alone is reached by them alone, and events name
// the one that the client came by.
func TestDomain_1_1_DefaultEndpointOff(t *testing.T) {
	api := testAPI()
	api.Domain = "k7demo9x2a.execute-api.eu-west-1.amazonaws.com"
	api.Domains, api.EndpointDisabled = []Domain{{Name: "ws.example.com", Key: "chat"}}, true
	e := start(t, setup{api: &api})
	for host, want := range map[string]int{
		"ws.example.com": 101, "WS.example.com:8000": 101, "ws.example.com.localhost:8000": 101,
		"localhost:8000": 403, "other.example.com": 403, "k7demo9x2a.execute-api.eu-west-1.amazonaws.com": 403,
	} {
		n := len(e.fn.calls("connect"))
		if r := e.byHost(t, host); r.StatusCode != want {
			t.Errorf("%s: got %d, want %d", host, r.StatusCode, want)
		}
		if calls := e.fn.calls("connect"); want == 101 {
			if got := requestContext(decode(t, calls[len(calls)-1]))["domainName"]; got != "ws.example.com" {
				t.Errorf("%s: domainName: got %v", host, got)
			}
		} else if len(calls) != n {
			t.Errorf("%s: $connect was called", host)
		}
	}
}

// By a custom domain, the management API is behind the mapping's key.
func TestDomain_6_ManagementIsBehindTheKey(t *testing.T) {
	for _, disabled := range []bool{false, true} {
		api := testAPI()
		api.Domains, api.EndpointDisabled = []Domain{{Name: "ws.example.com", Key: "chat"}, {Name: "bare.example.com"}}, disabled
		e := start(t, setup{api: &api})
		c := e.dialTCP(t)
		c.send([]byte(strings.Replace(upgradeRequest("/chat"), "Host: k7demo9x2a.execute-api.eu-west-1.amazonaws.com", "Host: ws.example.com", 1)))
		c.response()
		id := requestContext(decode(t, e.fn.calls("connect")[0]))["connectionId"].(string)
		direct := map[bool]int{false: 200, true: 403}[disabled]
		for _, tt := range []struct {
			host, base string
			want       int
		}{
			{"ws.example.com", "/chat", 200},
			{"ws.example.com", "/live", 403},
			{"ws.example.com", "", 403},
			{"bare.example.com", "", 200},
			{"bare.example.com", "/live", 403},
			{"localhost", "/live", direct},
			{"localhost", "/chat", 403},
		} {
			req, err := http.NewRequest("GET", "http://"+e.addr+tt.base+"/@connections/"+id, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = tt.host
			req.Header.Set("Authorization", signature)
			r, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = r.Body.Close()
			if r.StatusCode != tt.want {
				t.Errorf("disabled %v: %s%s: got %d, want %d", disabled, tt.host, tt.base, r.StatusCode, tt.want)
			}
		}
	}
}

// A domain leads from its own name, whatever the port, and from no longer one.
func FuzzLeads(f *testing.F) {
	f.Add("ws.example.com:8000")
	f.Add("[::1]:80")
	f.Add("evil.ws.example.com")
	f.Fuzz(func(t *testing.T, host string) {
		d := Domain{Name: "ws.example.com"}
		name, _, _ := strings.Cut(strings.ToLower(host), ":")
		if d.Leads(host) && !strings.HasPrefix(strings.TrimPrefix(name, "["), d.Name) {
			t.Errorf("%q leads to %s", host, d.Name)
		}
	})
}
