package hosts

import (
	"bufio"
	"context"
	"net"
	"sync"
)

// buffered is a connection of which something was read already.
type buffered struct {
	net.Conn
	reader *bufio.Reader
}

// Read implements io.Reader.
func (b *buffered) Read(p []byte) (int, error) { return b.reader.Read(p) }

// connections is a listener of connections that are offered to it.
type connections struct {
	addr   net.Addr
	offers chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newConnections(addr net.Addr) *connections {
	return &connections{addr: addr, offers: make(chan net.Conn), closed: make(chan struct{})}
}

// offer hands a connection over, and waits until it is closed or ctx ends: what
// closes it with ctx stays in force so long.
func (c *connections) offer(ctx context.Context, conn net.Conn) {
	ended := &watched{Conn: conn, closed: make(chan struct{})}
	select {
	case c.offers <- ended:
	case <-c.closed:
		_ = conn.Close()
		return
	}
	select {
	case <-ended.closed:
	case <-ctx.Done():
		_ = conn.Close()
	}
}

// Accept implements net.Listener.
func (c *connections) Accept() (net.Conn, error) {
	select {
	case conn := <-c.offers:
		return conn, nil
	case <-c.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. It may be called more than once.
func (c *connections) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

// Addr implements net.Listener.
func (c *connections) Addr() net.Addr { return c.addr }

// watched is a connection that says when it is closed.
type watched struct {
	net.Conn
	closed chan struct{}
	once   sync.Once
}

// Close implements io.Closer.
func (w *watched) Close() error {
	w.once.Do(func() { close(w.closed) })
	return w.Conn.Close()
}
