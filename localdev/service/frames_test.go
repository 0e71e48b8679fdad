package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"bellhop/localdev/service"
	"bellhop/shared/protocol"

	"github.com/coder/websocket"
)

// raw opens a socket that has said nothing yet.
func (e *env) raw(t testing.TB, token string) *websocket.Conn {
	t.Helper()
	c, _, err := websocket.Dial(within(t), e.socketURL(), &websocket.DialOptions{
		HTTPClient:   &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
		Subprotocols: []string{protocol.Subprotocol},
		HTTPHeader:   http.Header{"Cookie": {"sessionid=" + token}, "Origin": {page}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.CloseNow() })
	return c
}

func exchange(t testing.TB, c *websocket.Conn, text string) string {
	t.Helper()
	if err := c.Write(within(t), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
	_, answer, err := c.Read(within(t))
	if err != nil {
		t.Fatalf("answer to %s: %v", text, err)
	}
	return string(answer)
}

func TestFrames_PingIsAnsweredByTheGateway(t *testing.T) {
	e := start(t, service.Options{})
	c := e.raw(t, e.signIn("ada").Token)
	if got := exchange(t, c, `{"type":"ping"}`); got != `{"type":"pong"}` {
		t.Errorf("got %s, want {\"type\":\"pong\"}", got)
	}
}

func TestFrames_WhatIsWrongIsAnsweredAndTheConnectionStays(t *testing.T) {
	e := start(t, service.Options{})
	c := e.raw(t, e.signIn("ada").Token)
	for _, tt := range []struct {
		name, send  string
		code        protocol.Code
		id, message string
	}{
		{"UnknownType", `{"type":"dance","id":"7"}`, protocol.UnknownType, "7", ""},
		{"Garbage", `}}garbage{{`, protocol.InvalidRequest, "", ""},
		{"NoObject", `[1,2]`, protocol.InvalidRequest, "", ""},
		{"Null", `null`, protocol.InvalidRequest, "", ""},
		{"NoType", `{"id":"8"}`, protocol.InvalidRequest, "8", "type"},
		{"NoID", `{"type":"hello"}`, protocol.InvalidRequest, "", "id"},
		{"BadMark", `{"type":"mark","id":"9","state":"eaten","items":[1]}`, protocol.InvalidRequest, "9", "state"},
		{"NoSuchItem", `{"type":"mark","id":"10","state":"read","items":[12345]}`, protocol.NotFound, "10", ""},
		{"RouteOfTheGateway", `{"type":"$disconnect","id":"11"}`, protocol.UnknownType, "11", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got struct {
				protocol.ErrorFrame
				Type string `json:"type"`
			}
			answer := exchange(t, c, tt.send)
			if err := json.Unmarshal([]byte(answer), &got); err != nil || got.Type != "error" || got.Error == nil {
				t.Fatalf("got %s, want an error frame", answer)
			}
			if got.Error.Code != tt.code || got.ID != tt.id || !strings.Contains(got.Error.Message, tt.message) {
				t.Errorf("got %s, want %s for %q that names %q", answer, tt.code, tt.id, tt.message)
			}
		})
	}
	if got := exchange(t, c, `{"type":"hello","id":"1"}`); !strings.HasPrefix(got, `{"type":"welcome","id":"1"`) {
		t.Errorf("afterwards: got %s, want a welcome", got)
	}
}

func TestFrames_AckHasNoAnswer(t *testing.T) {
	e := start(t, service.Options{})
	c := e.raw(t, e.signIn("ada").Token)
	if err := c.Write(within(t), websocket.MessageText, []byte(`{"type":"ack","offset":3}`)); err != nil {
		t.Fatal(err)
	}
	if got := exchange(t, c, `{"type":"ping"}`); got != `{"type":"pong"}` {
		t.Errorf("got %s, want the pong alone", got)
	}
}

func TestFrames_TooLargeAFrameIs1009(t *testing.T) {
	e := start(t, service.Options{})
	c := e.raw(t, e.signIn("ada").Token)
	big := `{"type":"ping","x":"` + strings.Repeat("x", 32<<10) + `"}`
	if err := c.Write(within(t), websocket.MessageText, []byte(big)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Read(within(t)); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
		t.Errorf("got %v, want close code 1009", err)
	}
}

func TestFrames_NothingIsPushedBeforeHello(t *testing.T) {
	e := start(t, service.Options{})
	c := e.raw(t, e.signIn("ada").Token)
	if r := e.publish(order("ada", "Early", ""))[0]; r.Reached != 0 {
		t.Errorf("reached: got %d, want 0", r.Reached)
	}
	var w protocol.Welcome
	if err := json.Unmarshal([]byte(exchange(t, c, `{"type":"hello","id":"1"}`)), &w); err != nil {
		t.Fatal(err)
	}
	if w.Recovered || w.Offset != 1 || len(w.Items) != 1 || title(t, w.Items[0].Event) != "Early" {
		t.Errorf("welcome: got %+v, want the one item", w)
	}
}

func TestMark_ReachesTheOtherDevices(t *testing.T) {
	e := start(t, service.Options{})
	phone, laptop := e.connect("ada"), e.connect("ada")
	for _, name := range []string{"one", "two", "three"} {
		e.publish(order("ada", name, ""))
		phone.wantTitle(name)
		laptop.wantTitle(name)
	}
	marked, err := phone.Mark(within(t), protocol.Mark{State: protocol.Read, Items: []int64{2}})
	if err != nil || marked.Unread != 2 || marked.Unseen != 2 || marked.Offset != 4 {
		t.Errorf("marked: got %+v, %v, want 2 unread at offset 4", marked, err)
	}
	c := laptop.next()
	if s := c.State; s == nil || s.State != protocol.Read || len(s.Items) != 1 || s.Items[0] != 2 || s.Unread != 2 || s.At.IsZero() || c.Offset != 4 {
		t.Errorf("laptop: got %+v, want item 2 read at offset 4, 2 unread", c)
	}
	if _, err := laptop.Mark(within(t), protocol.Mark{State: protocol.Read, Through: 3}); err != nil {
		t.Error(err)
	}
	// The phone does not trust the offset of its own mark: a gap makes it ask, and
	// it is told of the item that it marked, or of the laptop's mark.
	for c = phone.next(); c.State == nil && c.Updated == nil; {
		c = phone.next()
	}
	var missing *protocol.Error
	if _, err := phone.Mark(within(t), protocol.Mark{State: protocol.Read, Items: []int64{99}}); !errors.As(err, &missing) || missing.Code != protocol.NotFound {
		t.Errorf("mark of no item: got %v, want not_found", err)
	}
	page, err := phone.List(within(t), protocol.List{Limit: 2})
	if err != nil || len(page.Items) != 2 || !page.More || page.Items[0].Offset != 3 || !page.Items[0].Read {
		t.Errorf("list: got %+v, %v, want 3 and 2, read, and more", page, err)
	}
	rest, err := phone.List(within(t), protocol.List{Before: 2})
	if err != nil || len(rest.Items) != 1 || rest.More || rest.Items[0].Offset != 1 {
		t.Errorf("list before 2: got %+v, %v, want 1 alone", rest, err)
	}
	unread, err := phone.List(within(t), protocol.List{Filter: protocol.Filter{Unread: true}})
	if err != nil || len(unread.Items) != 0 {
		t.Errorf("unread: got %+v, %v, want none", unread, err)
	}
}

func TestMark_ByHTTPReachesAllDevices(t *testing.T) {
	e := start(t, service.Options{})
	session := e.signIn("ada")
	d := e.dial(asPage(session.Token))
	d.next()
	e.publish(order("ada", "one", ""))
	d.wantTitle("one")
	r := e.request(t, call{method: "POST", path: "/notifications/mark", body: `{"state":"archived","items":[1]}`, cookie: session.Token, origin: page})
	if r.status != http.StatusOK || r.text("offset") != "2" || r.text("unread") != "0" {
		t.Errorf("mark: got %d %s, want offset 2, nothing unread", r.status, r.body)
	}
	if c := d.next(); c.State == nil || c.State.State != protocol.Archived || c.Offset != 2 {
		t.Errorf("device: got %+v, want item 1 archived", c)
	}
}

func TestHello_AgainOnTheSameSocket(t *testing.T) {
	e := start(t, service.Options{})
	c := e.raw(t, e.signIn("ada").Token)
	for range 3 {
		if got := exchange(t, c, `{"type":"hello","id":"1"}`); !strings.Contains(got, `"offset":0`) {
			t.Errorf("got %s, want a welcome at offset 0", got)
		}
	}
	_ = c.Close(websocket.StatusNormalClosure, "")
	if _, _, err := c.Read(context.Background()); err == nil {
		t.Error("read after close: got nil, want an error")
	}
}
