package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bellhop/shared/protocol"

	"github.com/coder/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// play is the service's side of a dialogue: a frame that must come, and what is
// answered. A line without want is sent at once.
type play []struct{ want, send string }

// stage serves the dialogue to one client and returns its URL.
func stage(t *testing.T, p play) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{protocol.Subprotocol}})
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = c.CloseNow() }()
		for _, line := range p {
			if line.want != "" {
				_, got, err := c.Read(r.Context())
				if err != nil || string(got) != line.want {
					t.Errorf("from the client: got %s, %v, want %s", got, err, line.want)
					return
				}
			}
			if err := c.Write(r.Context(), websocket.MessageText, []byte(line.send)); err != nil {
				t.Error(err)
				return
			}
		}
		_, _, _ = c.Read(r.Context()) // until the client closes
	}))
	t.Cleanup(server.Close)
	return "ws" + strings.TrimPrefix(server.URL, "http")
}

func dial(t *testing.T, url string, o Options) *Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	c, err := Dial(ctx, url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func next(t *testing.T, c *Client) Change {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	change, err := c.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return change
}

func wantNotifications(t *testing.T, c *Client, offsets ...int64) {
	t.Helper()
	for _, want := range offsets {
		got := next(t, c)
		if got.Notification == nil || got.Notification.Offset != want {
			t.Fatalf("next: got %+v, want notification %d", got, want)
		}
	}
}

func welcome(w protocol.Welcome) string { return string(protocol.Encode(&w)) }

func item(offset int64) protocol.Item {
	return protocol.Item{Offset: offset, Event: json.RawMessage(`{}`)}
}

func frame(epoch, offset string) string {
	return `{"type":"notification","epoch":"` + epoch + `","offset":` + offset + `,"event":{}}`
}

const hello1 = `{"type":"hello","id":"1","epoch":"e","offset":5}`

var from5 = Options{Epoch: "e", Offset: 5}

func TestClient_AGapIsAskedFor(t *testing.T) {
	c := dial(t, stage(t, play{
		{hello1, welcome(protocol.Welcome{ID: "1", Epoch: "e", Offset: 5, Recovered: true})},
		{"", frame("e", "8")},
		{`{"type":"hello","id":"2","epoch":"e","offset":5}`, frame("e", "6")},
		{"", welcome(protocol.Welcome{ID: "2", Epoch: "e", Offset: 7, Recovered: true, Items: []protocol.Item{item(6), item(7)}})},
		{"", frame("e", "8")},
		{"", frame("e", "9")},
	}), from5)
	wantNotifications(t, c, 6)
	if got := next(t, c); got.Updated == nil || got.Updated.Offset != 6 {
		t.Errorf("in the welcome: got %+v, want item 6 as known meanwhile", got)
	}
	wantNotifications(t, c, 7, 8, 9)
	if got := c.Position(); got != (Position{"e", 9}) {
		t.Errorf("position: got %v, want e/9", got)
	}
}

func TestClient_MoreIsAskedForFromTheOffsetOfTheWelcome(t *testing.T) {
	known := protocol.Item{Offset: 2, Read: true}
	c := dial(t, stage(t, play{
		{hello1, welcome(protocol.Welcome{ID: "1", Epoch: "e", Offset: 7, Recovered: true, More: true, Items: []protocol.Item{item(7), known, item(6)}})},
		{`{"type":"hello","id":"2","epoch":"e","offset":7}`, welcome(protocol.Welcome{ID: "2", Epoch: "e", Offset: 9, Recovered: true, Items: []protocol.Item{item(8)}})},
	}), from5)
	if got := next(t, c); got.Updated == nil || got.Updated.Offset != 2 || got.Offset != 5 {
		t.Errorf("first: got %+v, want item 2 updated, still at 5", got)
	}
	wantNotifications(t, c, 6, 7, 8)
}

func TestClient_WhatCannotBeReplayedIsListed(t *testing.T) {
	c := dial(t, stage(t, play{
		{hello1, welcome(protocol.Welcome{ID: "1", Epoch: "e", Offset: 10, More: true, Items: []protocol.Item{item(10), item(9)}})},
		{`{"type":"list","id":"2","before":9,"limit":100}`, frame("e", "11")},
		{"", string(protocol.Encode(&protocol.Page{ID: "2", Items: []protocol.Item{item(8), item(7)}, More: true}))},
		{`{"type":"list","id":"3","before":7,"limit":100}`, string(protocol.Encode(&protocol.Page{ID: "3", Items: []protocol.Item{item(6), item(5)}, More: true}))},
	}), from5)
	if got := next(t, c); got.Updated == nil || got.Updated.Offset != 5 {
		t.Errorf("first: got %+v, want item 5 as it is now", got)
	}
	wantNotifications(t, c, 6, 7, 8, 9, 10, 11)
}

func TestClient_AnotherEpochStartsAnew(t *testing.T) {
	c := dial(t, stage(t, play{
		{hello1, welcome(protocol.Welcome{ID: "1", Epoch: "f", Offset: 2, Items: []protocol.Item{item(2), item(1)}})},
		{"", frame("f", "3")},
	}), from5)
	if got := next(t, c); got.Reset == nil || len(got.Reset.Items) != 2 || got.Position != (Position{"f", 2}) {
		t.Errorf("first: got %+v, want a reset to f/2", got)
	}
	wantNotifications(t, c, 3)
}

// The offset of a mark that had nothing to do may be that of a notification
// which is still on its way.
func TestClient_MarkedMovesNothing(t *testing.T) {
	c := dial(t, stage(t, play{
		{hello1, welcome(protocol.Welcome{ID: "1", Epoch: "e", Offset: 5, Recovered: true})},
		{`{"type":"mark","id":"2","state":"read","items":[1]}`, `{"type":"marked","id":"2","offset":6,"changed":false,"unread":0,"unseen":0}`},
		{"", frame("e", "6")},
	}), from5)
	if m, err := c.Mark(t.Context(), protocol.Mark{State: protocol.Read, Items: []int64{1}}); err != nil || m.Offset != 6 {
		t.Errorf("mark: got %+v, %v, want offset 6", m, err)
	}
	wantNotifications(t, c, 6)
}

func TestClient_StateAndWithdrawnTakeOffsets(t *testing.T) {
	c := dial(t, stage(t, play{
		{hello1, welcome(protocol.Welcome{ID: "1", Epoch: "e", Offset: 5, Recovered: true})},
		{"", `{"type":"withdrawn","epoch":"e","offset":7,"items":[1],"unread":0,"unseen":0}`},
		{"", `{"message":"Internal server error","connectionId":"x","requestId":"y"}`},
		{"", `{"type":"state","epoch":"e","offset":6,"state":"read","items":[2],"at":"2026-11-25T08:00:00Z","unread":3,"unseen":1}`},
		{"", `{"type":"notification","event":{}}`},
	}), from5)
	if got := next(t, c); got.State == nil || got.Offset != 6 || got.Counts.Unread != 3 {
		t.Errorf("first: got %+v, want the state at 6", got)
	}
	if got := next(t, c); got.Withdrawn == nil || got.Offset != 7 {
		t.Errorf("second: got %+v, want the withdrawal at 7", got)
	}
	if got := next(t, c); got.Notification == nil || got.Notification.Offset != 0 || got.Offset != 7 {
		t.Errorf("third: got %+v, want a live-only one that leaves the position", got)
	}
}

func TestClient_Ends(t *testing.T) {
	refused := &protocol.ErrorFrame{ID: "1", Error: protocol.NewError(protocol.Unavailable, "later")}
	_, err := Dial(t.Context(), stage(t, play{{hello1, string(protocol.Encode(refused))}}), from5)
	var told *protocol.Error
	if !errors.As(err, &told) || told.Code != protocol.Unavailable {
		t.Errorf("hello refused: got %v, want the service's error", err)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	_, err = Dial(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"), Options{})
	var status *Refused
	if !errors.As(err, &status) || status.Status != http.StatusNotFound {
		t.Errorf("no handshake: got %v, want a refusal with 404", err)
	}
	c := dial(t, stage(t, play{{hello1, welcome(protocol.Welcome{ID: "1", Epoch: "e", Offset: 5, Recovered: true})}}), from5)
	c.Close()
	c.Close()
	if _, err := c.Next(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: got %v, want ErrClosed", err)
	}
	if _, err := c.List(t.Context(), protocol.List{}); err == nil {
		t.Error("list after Close: got nil, want an error")
	}
}
