package gateway

import (
	"sync"
	"time"

	"bellhop/localdev/gateway/frame"
)

// frameBuffers hold a frame while it is written.
var frameBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// push sends payload as one text message, in one write: ErrGone after the end,
// ErrLimit when too much is waiting for the client already.
func (c *conn) push(payload []byte) error {
	limit := c.g.limits.Frame
	if c.g.opts.WholePushes {
		limit = c.g.limits.Message
	}
	buf := frameBuffers.Get().(*[]byte)
	defer frameBuffers.Put(buf)
	*buf = frame.AppendText((*buf)[:0], payload, limit)
	if err := c.write(*buf); err != nil {
		return err
	}
	if c.vanished.Load() {
		return nil
	}
	c.lastAny.Store(time.Now().UnixMilli())
	return nil
}

// write sends the bytes of whole frames.
func (c *conn) write(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.phase.Load() != phaseOpen {
		return ErrGone
	}
	if c.vanished.Load() {
		return nil
	}
	if len(c.out) > 0 && len(c.out)+len(b) > c.g.limits.SendBuffer {
		return ErrLimit
	}
	c.send(b)
	return nil
}

// send writes b, or keeps what the client cannot take yet, with c.mu held. A
// broken connection is the reader's to notice: as on AWS, a push to a client
// that has vanished succeeds.
func (c *conn) send(b []byte) {
	if len(c.out) == 0 {
		n, err := c.t.write(b)
		if err != nil {
			c.t.abort()
			return
		}
		if b = b[n:]; len(b) == 0 {
			return
		}
		c.outSince = time.Now().UnixMilli()
		c.backed.Store(true)
		c.out = append(c.out, b...)
		c.flush() // room that came before backed was set has woken nobody
		return
	}
	c.out = append(c.out, b...)
}

// flush writes what is waiting, with c.mu held.
func (c *conn) flush() {
	n, err := c.t.write(c.out)
	if err != nil {
		c.out = nil
		c.t.abort()
	} else if n > 0 {
		c.out = c.out[n:]
		c.outSince = time.Now().UnixMilli()
	}
	if len(c.out) == 0 {
		c.flushed()
	}
}

// flushed gives the buffer back once nothing is waiting, with c.mu held.
func (c *conn) flushed() {
	c.out = nil
	c.backed.Store(false)
	if c.phase.Load() == phaseClosing {
		c.t.closeWrite()
	}
}

// stuck reports whether the client has taken nothing for too long.
func (c *conn) stuck(now int64) bool {
	if !c.backed.Load() {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.out) > 0 && now-c.outSince > c.g.limits.WriteTimeout.Milliseconds()
}
