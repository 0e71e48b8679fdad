package gateway

import (
	"net"
	"sync"
	"time"
)

// stream is the transport for any net.Conn, on any system: TLS, in-memory
// connections, and everything outside Linux. It holds a goroutine per
// connection, and one more while the client is slow.
type stream struct {
	c       *conn
	nc      net.Conn
	pumping bool // guarded by conn.mu
	ended   bool // likewise: nothing more will be written
	once    sync.Once
	pumps   sync.WaitGroup
}

var _ transport = (*stream)(nil)

func newStream(c *conn, nc net.Conn) *stream { return &stream{c: c, nc: nc} }

func (s *stream) run(first []byte) {
	defer s.pumps.Wait()
	var jobs backlog
	defer func() {
		s.c.gone(&jobs)
		jobs.spawn()
	}()
	if s.nc.SetReadDeadline(time.Time{}) != nil {
		return
	}
	s.c.feed(first, &jobs)
	buf := readBuffers.Get().(*[readBufferSize]byte)
	defer readBuffers.Put(buf)
	for {
		jobs.spawn()
		s.c.rest()
		n, err := s.nc.Read(buf[:])
		s.c.feed(buf[:n], &jobs)
		if err != nil {
			return
		}
	}
}

// write takes nothing: a net.Conn cannot say how much it takes without waiting.
// The pump does the waiting.
func (s *stream) write([]byte) (int, error) {
	if !s.pumping && !s.ended {
		s.pumping = true
		s.pumps.Go(s.pump)
	}
	return 0, nil
}

// pump writes what is waiting until nothing is.
func (s *stream) pump() {
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() { s.pumping = false }()
	for len(c.out) > 0 && !s.ended {
		b := c.out
		c.mu.Unlock()
		_ = s.nc.SetWriteDeadline(time.Now().Add(c.g.limits.WriteTimeout)) // a failure shows in Write
		_, err := s.nc.Write(b)
		c.mu.Lock()
		if err != nil || s.ended {
			s.ended = true
			c.out = nil
			s.abort()
			return
		}
		c.out = c.out[len(b):]
		c.outSince = time.Now().UnixMilli()
	}
	c.flushed()
}

func (s *stream) closeWrite() {
	w, ok := s.nc.(interface{ CloseWrite() error })
	if !ok || w.CloseWrite() != nil {
		s.abort()
	}
}

func (s *stream) abort() {
	s.once.Do(func() { _ = s.nc.Close() }) // the reader sees the end
}

func (s *stream) close() {
	s.ended = true
	s.abort()
}
