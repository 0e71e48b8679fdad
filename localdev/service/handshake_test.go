package service_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"bellhop/localdev/client"
	"bellhop/localdev/service"
	"bellhop/shared/handler"
	"bellhop/shared/protocol"

	"github.com/coder/websocket"
)

// wantRefused dials and wants the handshake answered with 403.
func (e *env) wantRefused(t *testing.T, o client.Options) {
	t.Helper()
	c, err := client.Dial(within(t), e.socketURL(), o)
	if err == nil {
		c.Close()
		t.Error("dial: got a connection, want 403")
		return
	}
	var refused *client.Refused
	if !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
		t.Errorf("dial: got %v, want 403", err)
	}
}

func TestHandshake_Refusals(t *testing.T) {
	e := start(t, service.Options{})
	session := e.signIn("ada")
	revoked := e.signIn("ada")
	var done handler.Revoked
	if e.invoke("bellhop-sessions", `{"op":"revoke","session":"`+revoked.Session+`"}`, &done); done.Revoked != 1 {
		t.Fatalf("revoke: got %+v, want 1", done)
	}
	cookie := "sessionid=" + session.Token
	for name, o := range map[string]client.Options{
		"ForeignOrigin":                {Cookie: cookie, Origin: "https://evil.test"},
		"OriginOfTheSameSuffix":        {Cookie: cookie, Origin: "http://localhost.evil.test"},
		"NoOrigin":                     {Cookie: cookie},
		"NullOrigin":                   {Cookie: cookie, Origin: "null"},
		"NoSession":                    {Origin: page},
		"UnknownSession":               asPage("nobody"),
		"AnotherCookie":                {Cookie: "token=" + session.Token, Origin: page},
		"RevokedSession":               asPage(revoked.Token),
		"PublicIDIsNoToken":            asPage(session.Session),
		"UnknownTicket":                {Ticket: "nothing", Origin: page},
		"UnknownBearer":                {Bearer: "nothing", Origin: page},
		"BadBearerBeatsGoodCookie":     {Bearer: "nothing", Cookie: cookie, Origin: page},
		"BearerFromAForeignOrigin":     {Bearer: session.Token, Origin: "https://evil.test"},
		"UnknownSubprotocolCredential": {Protocol: "nothing", Origin: page},
	} {
		t.Run(name, func(t *testing.T) { e.wantRefused(t, o) })
	}
	e.dial(asPage(session.Token)) // the session itself is as good as ever
}

func TestHandshake_ExpiredSession(t *testing.T) {
	e := start(t, service.Options{Parameters: map[string]string{"UserRateLimit": "0"}}) // it says hello again and again
	var created handler.Created
	e.invoke("bellhop-sessions", `{"op":"create","user":"ada","ttl":1}`, &created)
	// Its second ends while handshakes are refused or let in; the last must be
	// refused.
	for ctx := within(t); ; {
		c, err := client.Dial(ctx, e.socketURL(), asPage(created.Token))
		if err == nil {
			c.Close()
			continue
		}
		var refused *client.Refused
		if !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
			// A session that ends between handshake and hello is told so by a frame.
			var told *protocol.Error
			if errors.As(err, &told) && told.Code == protocol.Unauthorized || errors.Is(err, client.ErrClosed) || websocket.CloseStatus(err) == websocket.StatusNormalClosure {
				continue
			}
			t.Fatalf("dial: got %v, want 403", err)
		}
		return
	}
}

func TestHandshake_WaysIn(t *testing.T) {
	e := start(t, service.Options{})
	session := e.signIn("ada")
	for name, o := range map[string]client.Options{
		"Cookie":            asPage(session.Token),
		"CookieAmongOthers": {Cookie: "a=b; sessionid=" + session.Token + "; c=d", Origin: page},
		"Bearer":            {Bearer: session.Token, Origin: page},
		"Subprotocol":       {Protocol: session.Token, Origin: page},
		"Ticket":            {Ticket: e.ticket(session.Token), Origin: page},
		"Origin127":         {Bearer: session.Token, Origin: "http://127.0.0.1:3000"},
	} {
		t.Run(name, func(t *testing.T) {
			d := e.dial(o)
			if w := d.Welcome(); w.User != "ada" {
				t.Errorf("user: got %q, want ada", w.User)
			}
			if got := d.Subprotocol(); got != protocol.Subprotocol {
				t.Errorf("subprotocol: got %q, want %q and never the token", got, protocol.Subprotocol)
			}
		})
	}
}

func TestHandshake_TicketIsForOneUse(t *testing.T) {
	e := start(t, service.Options{})
	o := client.Options{Ticket: e.ticket(e.signIn("ada").Token), Origin: page}
	if w := e.dial(o).Welcome(); w.User != "ada" {
		t.Errorf("user: got %q, want ada", w.User)
	}
	e.wantRefused(t, o)
}

func TestHandshake_AllowedOriginsOfTheTemplate(t *testing.T) {
	e := start(t, service.Options{Parameters: map[string]string{"AllowedOrigins": ".example.com", "SessionCookieName": "sid"}})
	cookie := "sid=" + e.signIn("ada").Token
	for _, allowed := range []string{"https://example.com", "https://app.example.com:8443"} {
		e.dial(client.Options{Cookie: cookie, Origin: allowed})
	}
	for _, refused := range []string{page, "https://notexample.com", "https://example.com.evil.test"} {
		e.wantRefused(t, client.Options{Cookie: cookie, Origin: refused})
	}
}

// The address of the API on AWS ends in its stage.
func TestHandshake_StageAddress(t *testing.T) {
	e := start(t, service.Options{})
	c, err := client.Dial(within(t), "ws://"+e.addr+"/live", asPage(e.signIn("ada").Token))
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func TestSessions_RevokeClosesTheSocketsOfTheSession(t *testing.T) {
	for _, by := range []string{"token", "session", "user"} {
		t.Run(by, func(t *testing.T) {
			e := start(t, service.Options{})
			session := e.signIn("ada")
			one, two := e.dial(asPage(session.Token)), e.dial(asPage(session.Token))
			other, stranger := e.connect("ada"), e.connect("grace")
			one.next()
			two.next()

			value := map[string]string{"token": session.Token, "session": session.Session, "user": "ada"}[by]
			want := map[string]int{"token": 1, "session": 1, "user": 2}[by]
			var done handler.Revoked
			if e.invoke("bellhop-sessions", `{"op":"revoke","`+by+`":"`+value+`"}`, &done); done.Revoked != want {
				t.Errorf("revoked: got %d, want %d", done.Revoked, want)
			}
			for _, d := range []device{one, two} {
				c := d.next()
				if c.Disconnect == nil || c.Disconnect.Code != protocol.SessionRevoked || c.Disconnect.Reconnect != protocol.Never {
					t.Errorf("got %+v, want the advice never to come back", c)
				}
				if err := d.wantEnd(); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
					t.Errorf("end: got %v, want close code 1000", err)
				}
			}
			e.wantRefused(t, asPage(session.Token))
			e.publish(`{"users":["ada","grace"],"notification":` + event("Still here", "") + `}`)
			stranger.wantTitle("Still here")
			if by == "user" {
				other.wantEnd()
			} else {
				other.wantTitle("Still here")
			}
			// What has ended is no error, and ends nothing.
			if e.invoke("bellhop-sessions", `{"op":"revoke","token":"`+session.Token+`"}`, &done); done.Revoked != 0 {
				t.Errorf("revoked again: got %d, want 0", done.Revoked)
			}
		})
	}
}

// A session that is revoked before hello has a socket, but gets nothing on it.
func TestSessions_RevokedBeforeHello(t *testing.T) {
	e := start(t, service.Options{})
	session := e.signIn("ada")
	c := e.raw(t, session.Token)
	e.publish(order("ada", "Secret", ""))
	e.invoke("bellhop-sessions", `{"op":"revoke","token":"`+session.Token+`"}`, new(handler.Revoked))
	_ = c.Write(context.Background(), websocket.MessageText, []byte(`{"type":"hello","id":"1"}`)) // it may be closed already
	for {
		_, data, err := c.Read(within(t))
		if err != nil {
			if code := websocket.CloseStatus(err); code != websocket.StatusNormalClosure {
				t.Errorf("end: got %v, want close code 1000", err)
			}
			return
		}
		frame, err := protocol.DecodeServer(data)
		if _, ok := frame.(*protocol.Disconnect); !ok {
			t.Errorf("got %s, %v, want nothing but a disconnect frame", data, err)
		}
	}
}

// The address on AWS is the stage, with a slash after it or without; there are
// no other paths, and no other stages.
func TestHandshake_1_1_Paths(t *testing.T) {
	e := start(t, service.Options{})
	token := e.signIn("ada").Token
	for path, want := range map[string]int{
		"/live": 101, "/live/": 101, "/live?a=b": 101, "/live/extra": 403, "/other": 403, "/ws/other/": 403,
	} {
		header := http.Header{"Cookie": {"sessionid=" + token}, "Origin": {page}}
		c, res, err := websocket.Dial(within(t), "ws://"+e.addr+path, &websocket.DialOptions{HTTPHeader: header, HTTPClient: e.http})
		if res == nil {
			t.Fatalf("%s: %v", path, err)
		}
		if res.StatusCode != want {
			t.Errorf("%s: got %d, want %d", path, res.StatusCode, want)
		}
		if err == nil {
			_ = c.CloseNow()
		}
	}
}
