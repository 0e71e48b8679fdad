package gateway

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// A well-behaved client, with compression, sees nothing unusual.
func TestClient_CoderWebsocket(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		fn := testFunctions()
		fn.byName["connect"] = returns(`{"statusCode":200,"headers":{"Sec-WebSocket-Protocol":"bellhop.v1"}}`)
		e := start(t, setup{fn: fn, stream: stream})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		c, _, err := websocket.Dial(ctx, "ws://"+e.addr+"/live", &websocket.DialOptions{
			Subprotocols: []string{"bellhop.v1"}, CompressionMode: websocket.CompressionContextTakeover,
			CompressionThreshold: 16,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.CloseNow()
		c.SetReadLimit(1 << 20)
		if c.Subprotocol() != "bellhop.v1" {
			t.Errorf("subprotocol: got %q", c.Subprotocol())
		}
		for _, size := range []int{0, 1, 125, 126, 4000, 30000} {
			want := `{"type":"twoway","text":"` + strings.Repeat("ü", size/2) + `"}`
			if err := c.Write(ctx, websocket.MessageText, []byte(want)); err != nil {
				t.Fatal(err)
			}
			if _, got, err := c.Read(ctx); err != nil || string(got) != want {
				t.Fatalf("size %d: got %d bytes, %v", size, len(got), err)
			}
		}
		if err := c.Close(websocket.StatusNormalClosure, "done"); err != nil {
			t.Errorf("Close: %v", err)
		}
		e.wantDisconnect(t, 1000, "done")
	})
}

// Many clients come, talk, get pushes and go at once, by every way to go. What
// is left is nothing.
func TestClient_Churn(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		fn := testFunctions()
		fn.quiet = true
		e := start(t, setup{fn: fn, stream: stream})
		var wg sync.WaitGroup
		for worker := range 8 {
			wg.Go(func() {
				for i := range 20 {
					churn(t, e, worker+i)
				}
			})
		}
		wg.Wait()
		for c := range e.table.all() {
			spawn(c.end(deleted))
		}
		if err := e.linger.wait(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func churn(t *testing.T, e *env, n int) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws://"+e.addr+"/live", nil)
	if err != nil {
		t.Error(err)
		return
	}
	defer c.CloseNow()
	if err := c.Write(ctx, websocket.MessageText, []byte(`{"type":"twoway"}`)); err != nil {
		t.Error(err)
		return
	}
	if _, _, err := c.Read(ctx); err != nil {
		t.Error(err)
		return
	}
	for other := range e.table.all() {
		switch err := e.Post(ctx, other.peer.id, []byte("hello")); {
		case err == nil, strings.Contains(err.Error(), ErrGone.Error()), strings.Contains(err.Error(), ErrLimit.Error()):
		default:
			t.Errorf("Post: %v", err)
		}
	}
	switch n % 3 {
	case 0:
		_ = c.Close(websocket.StatusNormalClosure, "") // pushes may cross it
	case 1:
		c.CloseNow()
	}
}
