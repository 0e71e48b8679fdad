package session_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"bellhop/shared/session"

	"github.com/google/go-cmp/cmp"
)

func bearer(token string) string {
	return "bellhop.bearer." + base64.RawURLEncoding.EncodeToString([]byte(token))
}

func TestFindTakesTheFirstPlaceThatHoldsACredential(t *testing.T) {
	long := strings.Repeat("x", session.MaxCredential)
	cookie := []string{"sessionid=C"}
	tests := []struct {
		name    string
		request session.Request
		want    session.Credential // none if it has no source
	}{
		{"nothing", session.Request{}, session.Credential{}},
		{"header", session.Request{Authorization: "Bearer H"}, session.Credential{Secret: "H", Source: session.FromHeader}},
		{"header in any case", session.Request{Authorization: "bEaReR  H"}, session.Credential{Secret: "H", Source: session.FromHeader}},
		{"header before all others", session.Request{Authorization: "Bearer H", Protocols: []string{bearer("P")}, Ticket: "T", Cookies: cookie}, session.Credential{Secret: "H", Source: session.FromHeader}},
		{"subprotocol before ticket and cookie", session.Request{Protocols: []string{"bellhop.v1", bearer("P")}, Ticket: "T", Cookies: cookie}, session.Credential{Secret: "P", Source: session.FromSubprotocol}},
		{"padded subprotocol", session.Request{Protocols: []string{bearer("P") + "=="}}, session.Credential{Secret: "P", Source: session.FromSubprotocol}},
		{"ticket before cookie", session.Request{Protocols: []string{"bellhop.v1"}, Ticket: "T", Cookies: cookie}, session.Credential{Secret: "T", Source: session.FromTicket}},
		{"cookie", session.Request{Cookies: cookie}, session.Credential{Secret: "C", Source: session.FromCookie}},
		{"another scheme is no credential", session.Request{Authorization: "Basic QTpC", Cookies: cookie}, session.Credential{Secret: "C", Source: session.FromCookie}},

		{"no token after Bearer", session.Request{Authorization: "Bearer", Cookies: cookie}, session.Credential{Source: session.FromHeader}},
		{"only spaces after Bearer", session.Request{Authorization: "Bearer  ", Cookies: cookie}, session.Credential{Source: session.FromHeader}},
		{"subprotocol that is not base64", session.Request{Protocols: []string{"bellhop.bearer.!!"}, Ticket: "T", Cookies: cookie}, session.Credential{Source: session.FromSubprotocol}},
		{"empty subprotocol", session.Request{Protocols: []string{"bellhop.bearer."}, Cookies: cookie}, session.Credential{Source: session.FromSubprotocol}},
		{"oversized header", session.Request{Authorization: "Bearer " + long + "x", Cookies: cookie}, session.Credential{Source: session.FromHeader}},
		{"oversized subprotocol", session.Request{Protocols: []string{bearer(long + "x")}, Cookies: cookie}, session.Credential{Source: session.FromSubprotocol}},
		{"oversized ticket", session.Request{Ticket: long + "x", Cookies: cookie}, session.Credential{Source: session.FromTicket}},
		{"greatest size", session.Request{Authorization: "Bearer " + long, Cookies: cookie}, session.Credential{Secret: long, Source: session.FromHeader}},

		{"the last cookie of the name", session.Request{Cookies: []string{"sessionid=1; a=b; sessionid=2"}}, session.Credential{Secret: "2", Source: session.FromCookie}},
		{"the last cookie header", session.Request{Cookies: []string{"sessionid=1", "sessionid=2"}}, session.Credential{Secret: "2", Source: session.FromCookie}},
		{"the last cookie is empty", session.Request{Cookies: []string{"sessionid=1; sessionid="}}, session.Credential{}},
		{"names are exact", session.Request{Cookies: []string{"SessionID=1; xsessionid=2; sessionid.x=3"}}, session.Credential{}},
		{"oversized cookie", session.Request{Cookies: []string{"sessionid=" + long + "x"}}, session.Credential{Source: session.FromCookie}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := session.Find(tt.request, "sessionid")
			if diff := cmp.Diff(tt.want, got); diff != "" || ok != (tt.want.Source != "") {
				t.Errorf("Find = %+v, %v (-want +got):\n%s", got, ok, diff)
			}
		})
	}
}

func TestSplitList(t *testing.T) {
	got := session.SplitList(" bellhop.v1 ,, a,b\t,")
	if diff := cmp.Diff([]string{"bellhop.v1", "a", "b"}, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzFind(f *testing.F) {
	f.Add("Bearer x", "bellhop.v1, bellhop.bearer.eA", "t", "sessionid=c; sessionid=d")
	f.Add("Bearer", "bellhop.bearer.!", "", `sessionid="q"`)
	f.Fuzz(func(t *testing.T, authorization, protocols, ticket, cookies string) {
		r := session.Request{Authorization: authorization, Protocols: session.SplitList(protocols), Ticket: ticket, Cookies: []string{cookies}}
		got, ok := session.Find(r, "sessionid")
		if len(got.Secret) > session.MaxCredential {
			t.Errorf("a credential of %d bytes, want at most %d", len(got.Secret), session.MaxCredential)
		}
		if ok != (got.Source != "") {
			t.Errorf("Find = %+v, %v: want a source with a credential, and none without", got, ok)
		}
		if ticket != "" && got.Source == session.FromCookie {
			t.Error("a request with a ticket fell back to the cookie")
		}
	})
}
