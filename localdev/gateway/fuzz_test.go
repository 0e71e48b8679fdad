package gateway

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"bellhop/localdev/gateway/connid"

	"github.com/gobwas/ws"
)

// Whatever bytes follow the handshake, the gateway answers with frames and an
// end, and never panics or hangs.
func FuzzConnection(f *testing.F) {
	f.Add([]byte(nil), false)
	f.Add(text(`{"type":"twoway"}`), false)
	f.Add(append(masked(ws.Header{OpCode: ws.OpText}, "a"), masked(ws.Header{Fin: true, OpCode: ws.OpContinuation}, "b")...), true)
	f.Add(masked(ws.Header{Fin: true, OpCode: ws.OpText, Rsv: 4}, "\xf2\x48\xcd\xc9\xc9\x07\x00"), true)
	for _, b := range breaches {
		f.Add(b.send, len(b.send)%2 == 0)
	}
	fn := testFunctions()
	fn.quiet = true
	g, err := New(testAPI(), fn, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { closeGateway(f, g) })
	f.Fuzz(func(t *testing.T, sent []byte, deflate bool) {
		near, far := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			g.serve(far, connSetup{
				peer:    peer{id: g.ids.Next(connid.NewTail()), identity: `{}`, connectedAt: time.Now().UnixMilli()},
				deflate: deflate,
			})
		}()
		go func() {
			_, _ = near.Write(sent) // fails when the gateway has enough
			_, _ = near.Write(closeFrame(1000, ""))
			_ = near.SetDeadline(time.Now().Add(5 * time.Second))
		}()
		readFrames(t, near)
		near.Close()
		<-done
	})
}

// readFrames reads what the gateway sends up to its end, and checks its form.
func readFrames(t *testing.T, nc net.Conn) {
	if err := nc.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for {
		h, err := ws.ReadHeader(nc)
		if err != nil {
			return // the end, or a message that the rest of sent left unfinished
		}
		if h.Masked || h.Rsv != 0 || h.OpCode.IsReserved() || h.Length > 32<<10 {
			t.Fatalf("header from the gateway: %+v", h)
		}
		if _, err := io.CopyN(io.Discard, nc, h.Length); err != nil && !errors.Is(err, io.EOF) {
			return
		}
	}
}

func FuzzVerdict(f *testing.F) {
	f.Add([]byte(allow))
	f.Add([]byte(`{"principalId":"a","policyDocument":{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}},"context":{"a":1,"b":null,"c":true}}`))
	f.Add([]byte(`{"principalId":1}`))
	f.Fuzz(func(t *testing.T, result []byte) {
		v, err := (&authorizer{}).parseVerdict(result)
		if err == nil && !json.Valid([]byte("{"+v.members+"}")) {
			t.Errorf("%s: members are no JSON: %s", result, v.members)
		}
	})
}
