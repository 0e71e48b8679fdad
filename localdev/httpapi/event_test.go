package httpapi

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/ anew")

// TestEventGolden compares whole events with testdata, and reads each as a Go
// function would.
func TestEventGolden(t *testing.T) {
	api := API{
		ID: "k7demo9x2a", Region: "eu-west-1", Account: "123456789012",
		Routes: []Route{
			{Key: "GET /notifications", Function: "InboxFunction"},
			{Key: "POST /users/{user}/{proxy+}", Function: "InboxFunction"},
			{Key: "$default", Function: "InboxFunction"},
		},
	}
	staged := api
	staged.Stage, staged.StageVariables = "live", map[string]string{"colour": "blue"}
	for name, c := range map[string]struct {
		api     API
		request string
	}{
		"get": {api, get("/notifications")},
		"full": {staged, "POST /live/users/a%20b/x/y%2Fz?q=1&q=2%2B3&r=a+b&s&%zz=%zz HTTP/1.1\r\n" +
			"Host: app.example.com\r\nUser-Agent: probe/1\r\nX-Mixed-Case: one\r\nx-mixed-CASE: <two>\r\n" +
			"Cookie: sessionid=abc; theme=\"a=b\"\r\nCookie: last=1\r\nConnection: keep-alive\r\nX-Forwarded-For: 203.0.113.9\r\n" +
			"Content-Type: application/json; charset=utf-8\r\nContent-Length: 14\r\n\r\n{\"ids\":[\"é\"]}"},
		"binary": {api, "PUT /anything HTTP/1.1\r\nHost: localhost:8000\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5\r\n\r\na=b&c"},
	} {
		t.Run(name, func(t *testing.T) {
			i := answering(`{}`, nil)
			if got := send(t, mustNew(t, c.api, i), c.request); got.status != 200 {
				t.Fatalf("status: got %d %s, want 200", got.status, got.body)
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, i.payload, "", "  "); err != nil {
				t.Fatalf("event %s: %v", i.payload, err)
			}
			pretty.WriteByte('\n')
			file := "testdata/event-" + name + ".json"
			if *update {
				if err := os.WriteFile(file, pretty.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
			var typed events.APIGatewayV2HTTPRequest
			d := json.NewDecoder(bytes.NewReader(i.payload))
			d.DisallowUnknownFields()
			if err := d.Decode(&typed); err != nil || typed.RequestContext.HTTP.Method == "" {
				t.Errorf("read as APIGatewayV2HTTPRequest: got %+v, %v; want every key known", typed, err)
			}
		})
	}
}

func TestBodyIsTextOnlyForTextTypes(t *testing.T) {
	for _, c := range []struct {
		headers, body, want string
		encoded             bool
	}{
		{"Content-Type: application/json", `{}`, `{}`, false},
		{"Content-Type: TEXT/plain; charset=utf-8", `x`, `x`, false},
		{"Content-Type: application/cloudevents+json", `{}`, `{}`, false},
		{"", `{}`, `{}`, false},
		{"", "\xff", "/w==", true},
		{"Content-Type: application/octet-stream", `x`, `eA==`, true},
		{"Content-Type: text/plain", "\xff", "/w==", true},
		{"Content-Type: application/json\r\nContent-Encoding: gzip", `x`, `eA==`, true},
		{"Content-Type: ;;", `x`, `eA==`, true},
	} {
		i := answering(`{}`, nil)
		request := "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + strconv.Itoa(len(c.body)) + "\r\n"
		if c.headers != "" {
			request += c.headers + "\r\n"
		}
		send(t, newAPI(t, i, "$default"), request+"\r\n"+c.body)
		var got event
		if err := json.Unmarshal(i.payload, &got); err != nil {
			t.Fatalf("event %s: %v", i.payload, err)
		}
		if got.Body != c.want || got.IsBase64Encoded != c.encoded {
			t.Errorf("body %q with %q: got %q, base64 %v; want %q, %v", c.body, c.headers, got.Body, got.IsBase64Encoded, c.want, c.encoded)
		}
	}
}

// TestEventOwnsItsBytes guards against the server's reused buffers: the first
// event must not change when the next request is read.
func TestEventOwnsItsBytes(t *testing.T) {
	i := answering(`{}`, nil)
	h := newAPI(t, i, "$default")
	send(t, h, get("/first"))
	first, copied := i.payload, string(i.payload)
	for range 10 {
		send(t, h, get("/other"))
	}
	if string(first) != copied || !strings.Contains(copied, `"/first"`) {
		t.Errorf("first event: got %s, want it unchanged", first)
	}
}
