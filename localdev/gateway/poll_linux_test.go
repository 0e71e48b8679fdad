package gateway

import (
	"net"
	"syscall"
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

// Connections of Listen ask for no keep-alive probes.
func TestListen_AsksForNoKeepAlive(t *testing.T) {
	ln, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	client, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	accepted, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	raw, err := accepted.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var asks int
	var err2 error
	err = raw.Control(func(fd uintptr) {
		asks, err2 = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_KEEPALIVE)
	})
	if err != nil || err2 != nil || asks != 0 {
		t.Errorf("SO_KEEPALIVE: got %d, %v, %v, want 0", asks, err, err2)
	}
}
