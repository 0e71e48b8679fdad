package gateway

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	"bellhop/localdev/gateway/frame"
	"bellhop/localdev/observe"

	"github.com/gobwas/ws"
)

// phase is how far a connection's life has come.
type phase = uint32

const (
	phaseOpen    phase = iota
	phaseClosing       // left the table, close frame sent, TCP still there
	phaseClosed        // TCP gone
)

// conn is one WebSocket connection. An idle one is this struct, its transport
// and its strings, nothing more.
type conn struct {
	g       *Gateway
	peer    peer
	t       transport
	deflate bool // permessage-deflate was negotiated
	phase   atomic.Uint32
	lastIn  atomic.Int64 // ms, of the latest message from the client
	lastAny atomic.Int64 // ms, of the latest message either way

	in *frame.Decoder // of an unfinished frame or message; the reader's own

	vanished atomic.Bool // see Gateway.Vanish; set with mu held

	mu       sync.Mutex // of all below and of writing to t
	out      []byte     // what the client could not take yet
	outSince int64      // ms, when it last took something
	backed   atomic.Bool
	off      bool // vanished, and its TCP connection is gone
}

// transport is the byte stream below a connection. All but run and abort are
// called with conn.mu held.
type transport interface {
	// run reads until the client is gone, or arranges for it, and returns then.
	// first was read with the handshake.
	run(first []byte)
	// write takes as much of p as it can without waiting; when that is not all,
	// it will call conn.flush until conn.out is empty.
	write(p []byte) (int, error)
	// closeWrite ends the stream towards the client.
	closeWrite()
	// abort ends both directions, so that the reader sees the end.
	abort()
	// close frees the socket. Only the reader calls it, last.
	close()
}

// connSetup is what a handshake hands to its connection.
type connSetup struct {
	peer    peer
	head    []byte // the 101 response
	first   []byte // read with the request
	deflate bool
}

// serve makes a connection of raw and runs it. It returns when the connection
// needs no goroutine, or is at its end.
func (g *Gateway) serve(raw net.Conn, s connSetup) {
	c := &conn{g: g, peer: s.peer, deflate: s.deflate}
	now := time.Now().UnixMilli()
	c.lastIn.Store(now)
	c.lastAny.Store(now)
	c.t = g.polling.transport(c, raw)
	c.open(s.head)
	c.t.run(s.first)
}

// open puts the connection into the table and sends the 101. The lock keeps
// pushes from overtaking the response.
func (c *conn) open(head []byte) {
	if c.g.opts.Observe.On() {
		c.tell(observe.Event{Kind: observe.Connect, Payload: []byte(c.peer.identity)})
	}
	c.mu.Lock()
	c.g.table.put(c)
	c.send(head)
	c.mu.Unlock()
	if c.g.closing.Load() {
		spawn(c.end(goingAway))
	}
}

// ending is how a connection ends.
type ending struct {
	code   ws.StatusCode // of the $disconnect event
	reason string
	frame  ws.StatusCode // of the close frame; 0: none
	text   string        // its reason
}

// The endings that the gateway itself brings about.
var (
	goingAway = ending{ws.StatusGoingAway, "Going away", ws.StatusGoingAway, "Going away"}
	deleted   = ending{ws.StatusNormalClosure, reasonDeleted, ws.StatusNormalClosure, reasonDeleted}
)

const (
	reasonDeleted  = "Connection Closed Normally"
	reasonNoStatus = "Client-side close frame status not set"
)

// end ends an open connection: out of the table, close frame. Of several ends
// the first counts, and of it end returns the $disconnect that is now due, for
// the caller to run. The TCP connection has CloseTimeout to go.
func (c *conn) end(e ending) (disconnect func()) {
	// First the gate: Close may find this connection ended, and must then wait
	// for its $disconnect.
	if !c.g.gate.Enter() {
		return nil
	}
	c.mu.Lock()
	if !c.phase.CompareAndSwap(phaseOpen, phaseClosing) {
		c.mu.Unlock()
		c.g.gate.Leave()
		return nil
	}
	if c.off {
		c.phase.Store(phaseClosed)
	} else {
		c.g.linger.add(c, time.Now().Add(c.g.limits.CloseTimeout))
	}
	switch {
	case c.off:
	case c.vanished.Load():
		c.t.abort()
	case e.frame != 0:
		c.send(frame.AppendClose(nil, e.frame, e.text))
		if len(c.out) == 0 {
			c.t.closeWrite()
		}
	}
	c.mu.Unlock()
	c.g.table.remove(c)
	if c.g.opts.Observe.On() {
		c.tell(observe.Event{Kind: observe.Disconnect, Status: int(e.code), Detail: e.reason})
	}
	return c.disconnect(e)
}

// spawn runs work, if there is any, in a goroutine.
func spawn(work func()) {
	if work != nil {
		go work()
	}
}

// vanish lets the client vanish: from now on nothing is read or written.
func (c *conn) vanish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.vanished.Store(true)
}

// disappear closes the TCP connection of a client that has vanished, and reports
// whether it has: the connection stays in the table, since nobody noticed.
func (c *conn) disappear() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.vanished.Load() || c.phase.Load() != phaseOpen || c.g.closing.Load() {
		return false
	}
	c.off = true
	c.t.close()
	c.out = nil
	c.backed.Store(false)
	return true
}

// gone is called by the reader once the TCP connection is at its end.
func (c *conn) gone(jobs *backlog) {
	if c.disappear() {
		c.release()
		return
	}
	jobs.add(c.end(ending{code: c.g.opts.LostCode}))
	c.mu.Lock()
	c.phase.Store(phaseClosed)
	c.t.close()
	c.out = nil
	c.mu.Unlock()
	c.g.linger.remove(c)
	c.release()
}

// abort ends the TCP connection of a client that does not.
func (c *conn) abort() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.phase.Load() != phaseClosed && !c.off {
		c.t.abort()
	}
}
