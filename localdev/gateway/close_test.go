package gateway

import (
	"bytes"
	"compress/flate"
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/localdev/gateway/connid"

	"github.com/gobwas/ws"
)

// breaches are bytes that end the connection with a close code.
var breaches = []struct {
	name string
	send []byte
	code ws.StatusCode
}{
	{"FrameOver32KiB", text(strings.Repeat("x", 32<<10+1)), 1009},
	{"Binary", masked(ws.Header{Fin: true, OpCode: ws.OpBinary}, "x"), 1003},
	{"InvalidUTF8", text("a\xffb"), 1007},
	{"Unmasked", []byte{0x81, 1, 'x'}, 1002},
	{"ReservedOpcode", masked(ws.Header{Fin: true, OpCode: 3}, "x"), 1002},
	{"ReservedBit", masked(ws.Header{Fin: true, OpCode: ws.OpText, Rsv: 2}, "x"), 1002},
	{"CompressedWithoutNegotiation", masked(ws.Header{Fin: true, OpCode: ws.OpText, Rsv: 4}, "x"), 1002},
	{"ContinuationOfNothing", masked(ws.Header{Fin: true, OpCode: ws.OpContinuation}, "x"), 1002},
	{"MessageInMessage", append(masked(ws.Header{OpCode: ws.OpText}, "x"), text("y")...), 1002},
	{"FragmentedPing", masked(ws.Header{OpCode: ws.OpPing}, "x"), 1002},
	{"LongPing", masked(ws.Header{Fin: true, OpCode: ws.OpPing}, strings.Repeat("x", 126)), 1002},
	{"CloseCode1005", closeFrame(1005, ""), 1002},
	{"CloseCode999", closeFrame(999, ""), 1002},
	{"CloseOfOneByte", masked(ws.Header{Fin: true, OpCode: ws.OpClose}, "x"), 1002},
	{"CloseReasonNotUTF8", closeFrame(1000, "\xff"), 1007},
	{"LengthOutOfRange", []byte{0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}, 1002},
}

func TestClose_5_Breaches(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		for _, tt := range breaches {
			t.Run(tt.name, func(t *testing.T) {
				e := start(t, setup{stream: stream})
				c := e.connect(t)
				c.send(tt.send)
				c.wantClose(tt.code, "")
				e.wantDisconnect(t, int(tt.code), "")
			})
		}
	})
}

func TestClose_5_MessageOver128KiBOverFragmentsIs1009(t *testing.T) {
	e := start(t, setup{})
	c := e.connect(t)
	part := strings.Repeat("x", 32<<10)
	c.send(masked(ws.Header{OpCode: ws.OpText}, part))
	for range 3 {
		c.send(masked(ws.Header{OpCode: ws.OpContinuation}, part))
	}
	c.send(masked(ws.Header{Fin: true, OpCode: ws.OpContinuation}, "y"))
	c.wantClose(1009, "")
	e.wantDisconnect(t, 1009, "")
}

func TestFrames_5_128KiBInFragmentsArriveWhole(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		e := start(t, setup{stream: stream})
		c := e.connect(t)
		part := strings.Repeat("x", 32<<10)
		c.send(masked(ws.Header{OpCode: ws.OpText}, part))
		c.send(masked(ws.Header{OpCode: ws.OpContinuation}, part))
		c.send(masked(ws.Header{Fin: true, OpCode: ws.OpPing}, "between"))
		if f := c.frame(); f.Header.OpCode != ws.OpPong || string(f.Payload) != "between" {
			t.Fatalf("got %v %q, want pong", f.Header.OpCode, f.Payload)
		}
		c.send(masked(ws.Header{OpCode: ws.OpContinuation}, part))
		c.send(masked(ws.Header{Fin: true, OpCode: ws.OpContinuation}, part))
		var got bytes.Buffer
		for i := range 4 {
			f := c.frame()
			if f.Header.Length != 32<<10 || f.Header.Fin != (i == 3) {
				t.Fatalf("frame %d: got %d bytes, fin %v", i, f.Header.Length, f.Header.Fin)
			}
			got.Write(f.Payload)
		}
		if got.String() != strings.Repeat(part, 4) {
			t.Error("answer differs from the message")
		}
	})
}

func deflated(t *testing.T, payload string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 9)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(payload)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

func TestFrames_1_3_DeflatedMessageIsInflated(t *testing.T) {
	e := start(t, setup{})
	c := e.connect(t, "Sec-WebSocket-Extensions: permessage-deflate")
	for _, want := range []string{`{"type":"twoway","text":"hello hello hello"}`, "", strings.Repeat("a", 32<<10)} {
		packed := deflated(t, want)
		c.send(masked(ws.Header{OpCode: ws.OpText, Rsv: 4}, packed[:len(packed)/2]))
		c.send(masked(ws.Header{Fin: true, OpCode: ws.OpContinuation}, packed[len(packed)/2:]))
		c.wantText(want)
	}
}

func TestClose_1_3_DeflateBombIs1009(t *testing.T) {
	e := start(t, setup{})
	c := e.connect(t, "Sec-WebSocket-Extensions: permessage-deflate")
	c.send(masked(ws.Header{Fin: true, OpCode: ws.OpText, Rsv: 4}, deflated(t, strings.Repeat("0", 16<<20))))
	c.wantClose(1009, "")
}

// Whatever becomes of $disconnect, the client's close is answered all the same.
func TestClose_2_5_FailingDisconnectChangesNothing(t *testing.T) {
	fn := testFunctions()
	fn.byName["disconnect"] = failsWith("boom")
	e := start(t, setup{fn: fn})
	c := e.connect(t)
	c.send(closeFrame(1000, "bye"))
	c.wantClose(1000, "bye")
	e.wantDisconnect(t, 1000, "bye")
	if err := e.Post(t.Context(), c.id, []byte("x")); err == nil {
		t.Error("Post after the end: got nil, want ErrGone")
	}
}

func TestClose_5_ClientCloseIsEchoed(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		for _, tt := range []struct {
			code      ws.StatusCode
			reason    string
			wantCode  int
			wantEvent string
		}{
			{1000, "bye", 1000, "bye"},
			{1001, "", 1001, ""},
			{4000, "own", 4000, "own"},
			{0, "", 1005, "Client-side close frame status not set"},
		} {
			e := start(t, setup{stream: stream})
			c := e.connect(t)
			if tt.code == 0 {
				c.send(masked(ws.Header{Fin: true, OpCode: ws.OpClose}, ""))
			} else {
				c.send(closeFrame(tt.code, tt.reason))
			}
			c.wantClose(tt.code, tt.reason)
			e.wantDisconnect(t, tt.wantCode, tt.wantEvent)
		}
	})
}

func TestClose_5_LostConnectionIs1006(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		e := start(t, setup{stream: stream})
		c := e.connect(t)
		c.nc.Close()
		e.wantDisconnect(t, 1006, "")
		if err := e.Post(t.Context(), c.id, []byte("x")); err == nil {
			t.Error("Post after the end: got nil, want ErrGone")
		}
	})
}

func TestClose_5_PingIsPonged(t *testing.T) {
	e := start(t, setup{})
	c := e.connect(t)
	for _, payload := range []string{"", "hello", strings.Repeat("x", 125)} {
		c.send(masked(ws.Header{Fin: true, OpCode: ws.OpPing}, payload))
		if f := c.frame(); f.Header.OpCode != ws.OpPong || string(f.Payload) != payload {
			t.Errorf("got %v %q, want pong %q", f.Header.OpCode, f.Payload, payload)
		}
	}
}

func TestClose_CloseSendsGoingAwayAndRunsDisconnect(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		e := start(t, setup{stream: stream})
		c := e.connect(t)
		done := make(chan error, 1)
		go func() { done <- e.Close(t.Context()) }()
		c.wantClose(1001, "Going away")
		c.nc.Close()
		if err := <-done; err != nil {
			t.Errorf("Close: %v", err)
		}
		e.wantDisconnect(t, 1001, "Going away")
		if r := e.dialTCP(t).handshake("/live"); r.StatusCode != 503 {
			t.Errorf("handshake after Close: got %d, want 503", r.StatusCode)
		}
	})
}

func TestClose_CloseCancelsWhatDoesNotEnd(t *testing.T) {
	fn := testFunctions()
	started := make(chan struct{})
	fn.byName["oneway"] = func(ctx context.Context, event []byte) ([]byte, error) {
		close(started)
		return hangs(ctx, event)
	}
	e := start(t, setup{fn: fn})
	c := e.connect(t)
	c.send(text(`{"type":"oneway"}`))
	<-started
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := e.Close(ctx); err != context.DeadlineExceeded {
		t.Errorf("Close: got %v, want deadline exceeded", err)
	}
}

// inMemory runs a connection without sockets, so that synctest owns its time.
func inMemory(t *testing.T, fn *functions, opts *Options) (*Gateway, *client) {
	t.Helper()
	g, err := New(testAPI(), fn, opts)
	if err != nil {
		t.Fatal(err)
	}
	near, far := net.Pipe()
	id := g.ids.Next(connid.NewTail())
	go g.serve(far, connSetup{peer: peer{
		id: id, domain: "x", identity: `{"sourceIp":"1.2.3.4"}`, connectedAt: time.Now().UnixMilli(),
	}})
	synctest.Wait()
	return g, newClient(t, near, id)
}

func TestClose_5_IdleFor10MinutesIs1001GoingAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fn := testFunctions()
		g, c := inMemory(t, fn, nil)
		start := time.Now()
		time.Sleep(9 * time.Minute)
		if err := g.Post(t.Context(), c.id, []byte("still here")); err != nil {
			t.Fatal(err)
		}
		c.wantText("still here")
		c.send(masked(ws.Header{Fin: true, OpCode: ws.OpPing}, "")) // does not count
		c.frame()
		f := c.frame()
		code, reason := ws.ParseCloseFrameData(f.Payload)
		if code != 1001 || reason != "Going away" {
			t.Errorf("got %d %q, want 1001 Going away", code, reason)
		}
		if got, want := time.Since(start), 19*time.Minute; got < want || got > want+2*time.Second {
			t.Errorf("closed after %v, want %v", got, want)
		}
		c.nc.Close()
		closeGateway(t, g)
		e := env{Gateway: g, fn: fn}
		e.wantDisconnect(t, 1001, "Going away")
	})
}

func TestClose_5_PingsCountWhenSwitchedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, c := inMemory(t, testFunctions(), &Options{Uncertain: Uncertain{ControlPingResetsIdle: true}})
		start := time.Now()
		time.Sleep(9 * time.Minute)
		c.send(masked(ws.Header{Fin: true, OpCode: ws.OpPing}, ""))
		c.frame()
		c.frame()
		if got, want := time.Since(start), 19*time.Minute; got < want || got > want+2*time.Second {
			t.Errorf("closed after %v, want %v", got, want)
		}
		c.nc.Close()
		closeGateway(t, g)
	})
}

func TestClose_5_TwoHoursIs1001GoingAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fn := testFunctions()
		g, c := inMemory(t, fn, nil)
		start := time.Now()
		for range 24 {
			time.Sleep(5*time.Minute - 100*time.Millisecond)
			c.send(text(`{"type":"twoway"}`))
			c.wantText(`{"type":"twoway"}`)
		}
		f := c.frame()
		code, reason := ws.ParseCloseFrameData(f.Payload)
		if code != 1001 || reason != "Going away" {
			t.Errorf("got %d %q, want 1001 Going away", code, reason)
		}
		if got, want := time.Since(start), 2*time.Hour; got < want || got > want+2*time.Second {
			t.Errorf("closed after %v, want %v", got, want)
		}
		c.nc.Close()
		closeGateway(t, g)
		e := env{Gateway: g, fn: fn}
		e.wantDisconnect(t, 1001, "Going away")
	})
}
