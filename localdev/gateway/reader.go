package gateway

import (
	"errors"
	"sync"
	"time"

	"bellhop/localdev/gateway/frame"
	"bellhop/localdev/observe"

	"github.com/gobwas/ws"
)

const readBufferSize = 16 << 10

// readBuffers belong to whoever reads at the moment, not to a connection.
var readBuffers = sync.Pool{New: func() any { return new([readBufferSize]byte) }}

// decoders likewise; a connection keeps one only amid a frame or a message.
var decoders = sync.Pool{New: func() any { return new(frame.Decoder) }}

// backlog is the messages of one reading. All but the latest run in goroutines
// of their own; the latest is left for the reader to run once it has no more to
// read, which spares the usual single message a goroutine.
type backlog struct{ latest func() }

func (b *backlog) add(work func()) {
	if work == nil {
		return
	}
	spawn(b.latest)
	b.latest = work
}

// spawn runs the latest in a goroutine.
func (b *backlog) spawn() {
	spawn(b.latest)
	b.latest = nil
}

// run runs the latest here.
func (b *backlog) run() {
	if work := b.latest; work != nil {
		b.latest = nil
		work()
	}
}

// feed takes bytes from the client. It changes p. After the end of the
// WebSocket bytes are dropped.
func (c *conn) feed(p []byte, jobs *backlog) {
	for len(p) > 0 && c.phase.Load() == phaseOpen && !c.vanished.Load() {
		if c.in == nil {
			c.in = decoders.Get().(*frame.Decoder)
			c.in.Reset(frame.Limits{Frame: c.g.limits.Frame, Message: c.g.limits.Message}, c.deflate)
		}
		n, m, err := c.in.Next(p)
		p = p[n:]
		if err != nil {
			jobs.add(c.breach(err))
			return
		}
		c.receive(m, jobs)
	}
}

// rest gives the decoder back when it holds nothing of a message.
func (c *conn) rest() {
	if c.in != nil && c.in.Resting() {
		c.release()
	}
}

func (c *conn) release() {
	if c.in != nil {
		decoders.Put(c.in)
		c.in = nil
	}
}

func (c *conn) receive(m frame.Message, jobs *backlog) {
	switch m.Op {
	case ws.OpText:
		now := time.Now()
		c.lastIn.Store(now.UnixMilli())
		c.lastAny.Store(now.UnixMilli())
		if c.g.opts.Observe.On() {
			c.tell(observe.Event{Kind: observe.FrameIn, At: now, Payload: append([]byte(nil), m.Payload...)})
		}
		if j := c.message(m.Payload, now); j != nil {
			jobs.add(j.run)
		}
	case ws.OpPing:
		if c.g.opts.ControlPingResetsIdle {
			c.lastAny.Store(time.Now().UnixMilli())
		}
		// A client too slow for its pongs does without: ErrLimit, ErrGone.
		_ = c.write(frame.AppendPong(nil, m.Payload))
	case ws.OpClose:
		jobs.add(c.clientClose(m.Payload))
	}
}

// clientClose echoes the client's close frame (RFC 6455 §5.5.1).
func (c *conn) clientClose(payload []byte) (disconnect func()) {
	code, reason, err := frame.ParseClose(payload)
	if err != nil {
		return c.breach(err)
	}
	e := ending{code: code, reason: reason, frame: code, text: reason}
	if code == ws.StatusNoStatusRcvd {
		e.reason = reasonNoStatus
	}
	return c.end(e)
}

// breach ends the connection with the code of a *frame.CloseError.
func (c *conn) breach(err error) (disconnect func()) {
	var ce *frame.CloseError
	if !errors.As(err, &ce) {
		ce = &frame.CloseError{Code: ws.StatusProtocolError}
	}
	c.g.log.Debug("client broke the protocol", "connection", c.peer.id, "error", err)
	return c.end(ending{code: ce.Code, frame: ce.Code})
}
