package service_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"bellhop/localdev/client"
	"bellhop/localdev/inspector"
	"bellhop/localdev/inspector/inspectortest"
	"bellhop/localdev/service"
)

// Whatever way a credential takes through the service, the inspector's stream
// does not tell it, nor does any event of it.
func TestAttack_InspectorTellsNoCredential(t *testing.T) {
	e := start(t, service.Options{})
	stream := inspectortest.Open(t, "http://"+e.addr, "")
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
		m := stream.Next()
		last = strings.Contains(m.Data, "the-last")
		for what, text := range map[string]string{"row": m.Data, "event": e.request(t, call{method: "GET", path: inspector.Path + "/events/" + m.ID}).body} {
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
