package gateway

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/localdev/fault"

	"github.com/gobwas/ws"
)

func planting(t *testing.T, p fault.Plan) *Options {
	t.Helper()
	i := &fault.Injector{}
	if err := i.Set(p); err != nil {
		t.Fatal(err)
	}
	return &Options{Faults: i}
}

func TestFault_Pushes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		plan   fault.Plan
		want   error
		status int
	}{
		{"Drop", fault.Plan{PushDrop: 1}, nil, 200},
		{"Busy", fault.Plan{Push429: 1}, ErrLimit, 429},
		{"Broken", fault.Plan{Push500: 1}, ErrInternal, 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts := planting(t, tt.plan)
			e := start(t, setup{opts: opts})
			c := e.connect(t)
			if err := e.Post(t.Context(), c.id, []byte("lost")); !errors.Is(err, tt.want) {
				t.Errorf("Post: got %v, want %v", err, tt.want)
			}
			if r, _ := e.manage(t, call{"POST", "/@connections/" + c.id, "lost", signature}); r.StatusCode != tt.status {
				t.Errorf("POST: got %d, want %d", r.StatusCode, tt.status)
			}
			opts.Faults.Clear()
			if err := e.Post(t.Context(), c.id, []byte("first")); err != nil {
				t.Fatal(err)
			}
			c.wantText("first")
		})
	}
}

func TestFault_DelayedPushEndsWithItsContext(t *testing.T) {
	e := start(t, setup{opts: planting(t, fault.Plan{Seed: 1, PushDelay: fault.Duration(time.Minute)})})
	c := e.connect(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := e.Post(ctx, c.id, []byte("late")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want deadline exceeded", err)
	}
}

// A client that has vanished looks connected until the idle time-out: nothing
// reaches it, nothing comes from it, and the end of its TCP connection is not
// noticed either.
func TestFault_5_VanishedClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fn := testFunctions()
		g, c := inMemory(t, fn, nil)
		began := time.Now()
		if got := g.Vanish([]string{"other", c.id}); len(got) != 1 || got[0] != c.id {
			t.Fatalf("Vanish: got %v, want %s", got, c.id)
		}
		c.send(text(`{"type":"twoway"}`))
		time.Sleep(5 * time.Minute)
		if err := g.Post(t.Context(), c.id, []byte("into the void")); err != nil {
			t.Errorf("Post: got %v, want nil", err)
		}
		c.nc.Close()
		synctest.Wait()
		if err := g.Post(t.Context(), c.id, []byte("still")); err != nil {
			t.Errorf("Post after the TCP connection's end: got %v, want nil", err)
		}
		e := env{Gateway: g, fn: fn}
		e.wantDisconnectWithin(t, 11*time.Minute, 1001, "Going away")
		if got := time.Since(began); got < 10*time.Minute || got > 10*time.Minute+2*time.Second {
			t.Errorf("ended after %v, want 10 minutes", got)
		}
		if n := len(fn.calls("twoway")); n != 0 {
			t.Errorf("messages of a client that vanished: got %d, want none", n)
		}
		if err := g.Post(t.Context(), c.id, []byte("x")); !errors.Is(err, ErrGone) {
			t.Errorf("Post after the time-out: got %v, want ErrGone", err)
		}
		closeGateway(t, g)
	})
}

func TestFault_VanishByPlanAndCloseAllTheSame(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		opts := planting(t, fault.Plan{Vanish: 1})
		opts.Limits.CloseTimeout = 20 * time.Millisecond
		e := start(t, setup{stream: stream, opts: opts})
		cut, held := e.connect(t), e.connect(t)
		for _, c := range []*client{cut, held} {
			if err := e.Post(t.Context(), c.id, []byte("x")); err != nil {
				t.Errorf("Post: got %v, want nil", err)
			}
		}
		cut.nc.Close()
		if err := e.Post(t.Context(), cut.id, []byte("x")); err != nil {
			t.Errorf("Post: got %v, want nil", err)
		}
		if err := e.Delete(t.Context(), held.id); err != nil {
			t.Errorf("Delete: %v", err)
		}
		e.wantDisconnect(t, 1000, "Connection Closed Normally")
	}) // the end of the test closes the gateway
}

func TestFault_CutEndsAllWith1006(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		e := start(t, setup{stream: stream})
		c := e.connect(t)
		if n := e.Cut(); n != 1 {
			t.Errorf("Cut: got %d, want 1", n)
		}
		if h, err := ws.ReadHeader(c.br); err == nil {
			t.Errorf("got a frame %v, want the end", h.OpCode)
		}
		e.wantDisconnect(t, 1006, "")
	})
}

func TestFault_LostDisconnect(t *testing.T) {
	opts := planting(t, fault.Plan{LoseDisconnect: 1})
	e := start(t, setup{opts: opts})
	c := e.connect(t)
	c.send(closeFrame(1000, ""))
	c.wantClose(1000, "")
	within, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for opts.Faults.State().Planted["lose_disconnect"] == 0 && within.Err() == nil {
		runtime.Gosched() // the client sees its close answered a moment before
	}
	opts.Faults.Clear()
	other := e.connect(t)
	other.send(closeFrame(1000, "second"))
	other.wantClose(1000, "second")
	e.wantDisconnect(t, 1000, "second")
	if n := len(e.fn.calls("disconnect")); n != 1 {
		t.Errorf("$disconnect: got %d calls, want 1", n)
	}
}

func TestFault_1_2_ConnectRate(t *testing.T) {
	e := start(t, setup{opts: planting(t, fault.Plan{ConnectRate: 1})})
	e.connect(t)
	if r := e.dialTCP(t).handshake("/live"); r.StatusCode != 429 {
		t.Errorf("second handshake: got %d, want 429", r.StatusCode)
	}
}
