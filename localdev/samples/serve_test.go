package samples_test

import (
	"bytes"
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"bellhop/localdev/service"
	"bellhop/localdev/tools"

	"github.com/coder/websocket"
)

// patience bounds a whole dialogue, the starts of its processes included.
const patience = 60 * time.Second

// served is a service on the loopback.
type served struct {
	t    *testing.T
	addr string
}

// serve serves a template until the test ends. What its functions wrote is shown
// when the test fails.
func serve(t *testing.T, o service.Options) served {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	found, err := tools.Find()
	if err != nil {
		t.Fatal(err)
	}
	out := &output{}
	o.Addr, o.Tools, o.Offline, o.Output = ln.Addr().String(), found, true, out
	svc, err := service.New(o)
	if err != nil {
		t.Fatalf("make the service: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- svc.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := svc.Close(ctx); err != nil {
			t.Errorf("close the service: %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
		if t.Failed() {
			t.Logf("the functions wrote:\n%s", out)
		}
	})
	return served{t, ln.Addr().String()}
}

// device is a WebSocket client.
type device struct {
	t    *testing.T
	ctx  context.Context
	conn *websocket.Conn
}

func (s served) dial(stage string) device {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	s.t.Cleanup(cancel)
	conn, _, err := websocket.Dial(ctx, "ws://"+s.addr+"/"+stage, nil)
	if err != nil {
		s.t.Fatalf("connect: %v", err)
	}
	s.t.Cleanup(func() { _ = conn.CloseNow() })
	return device{s.t, ctx, conn}
}

func (d device) leave() {
	d.t.Helper()
	if err := d.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		d.t.Errorf("leave: %v", err)
	}
}

// output is safe for concurrent use.
type output struct {
	mu sync.Mutex
	bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.Buffer.Write(p)
}

// String implements fmt.Stringer.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.Buffer.String()
}
