package gateway

import (
	"net"
	"testing"
)

// An edge that comes while somebody reads is not lost: the reader may not stop
// before it has looked again.
func TestSocket_StateLosesNoEdge(t *testing.T) {
	var s socket
	steps := []struct {
		name string
		do   func() bool
		want bool
	}{
		{"first edge", func() bool { return s.claim(false) }, true},
		{"edge while reading", func() bool { return s.claim(true) }, false},
		{"stop before looking again", s.yieldReading, false},
		{"stop after that", s.yieldReading, true},
		{"next edge", func() bool { return s.claim(false) }, true},
	}
	for _, step := range steps {
		if got := step.do(); got != step.want {
			t.Fatalf("%s: got %v, want %v", step.name, got, step.want)
		}
	}
	if s.state.Load()&hungUp == 0 {
		t.Error("the hang-up was forgotten")
	}
}

// A client's last bytes and its end may come as one event.
func TestSocket_DataAndEndTogether(t *testing.T) {
	e := start(t, setup{})
	for range 50 {
		c := e.connect(t)
		c.send(text(`{"type":"oneway"}`))
		if err := c.nc.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		e.wantDisconnect(t, 1006, "")
	}
}
