package service_test

import (
	"bufio"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"bellhop/localdev/client"
	"bellhop/localdev/inspector"
	"bellhop/localdev/service"
)

// Whatever way a credential takes through the service, the inspector's stream
// does not tell it, nor does any event of it.
func TestAttack_InspectorTellsNoCredential(t *testing.T) {
	e := start(t, service.Options{})
	next := e.inspect(t)
	token := e.signIn("ada").Token
	ticket := e.ticket(token)
	e.request(t, call{method: "GET", path: "/notifications", cookie: token})
	e.request(t, call{method: "GET", path: "/notifications?token=" + token, bearer: token})
	for _, o := range []client.Options{{Cookie: "theme=dark; sessionid=" + token}, {Bearer: token}, {Protocol: token}, {Ticket: ticket}} {
		o.Origin = page
		e.dial(o).next()
	}
	e.handshake(t, "?ticket="+ticket, "Origin: https://evil.test", "Cookie: sessionid="+token, "X-Other: Bearer "+token)
	var answer struct{}
	e.invoke("bellhop-sessions", `{"op":"renew","token":"`+token+`","ttl":3600}`, &answer)
	e.invoke("bellhop-sessions", `{"op":"revoke","token":"`+token+`"}`, &answer)
	e.invoke("bellhop-sessions", `{"op":"list","user":"the-last"}`, &answer)

	rows, masked := 0, 0
	for last := false; !last; rows++ {
		id, data := next()
		last = strings.Contains(data, "the-last")
		for what, text := range map[string]string{"row": data, "event": e.request(t, call{method: "GET", path: inspector.Path + "/events/" + id}).body} {
			for name, credential := range map[string]string{
				"token": token, "ticket": ticket, "token in base64": base64.RawURLEncoding.EncodeToString([]byte(token)),
			} {
				if strings.Contains(text, credential) {
					t.Errorf("%s: the %s is told: %s", what, name, text)
				}
			}
			masked += strings.Count(text, "[masked]")
		}
	}
	if rows < 20 || masked < 40 {
		t.Errorf("got %d rows with %d masked credentials, want more: the test would see nothing", rows, masked)
	}
}

// inspect opens the inspector's stream; each call gives the next row's id and JSON.
func (e *env) inspect(t *testing.T) func() (id, data string) {
	t.Helper()
	r, err := http.NewRequestWithContext(within(t), "GET", "http://"+e.addr+inspector.Path+"/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := e.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	lines := bufio.NewReader(res.Body)
	return func() (id, data string) {
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatalf("read the stream: %v", err)
			}
			switch name, value, _ := strings.Cut(strings.TrimSpace(line), ": "); name {
			case "id":
				id = value
			case "data":
				return id, value
			}
		}
	}
}
