package inspector

import (
	"context"
	"encoding/json"
	"net"
	"strconv"
	"strings"
	"time"

	"bellhop/localdev/assets"
	"bellhop/localdev/observe"

	"github.com/valyala/fasthttp"
)

const (
	heartbeat    = 15 * time.Second      // between signs of life
	breath       = 20 * time.Millisecond // between batches, so that many rows go in one
	writeTimeout = 30 * time.Second
)

// head is the response's; the body ends with the connection.
const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n" +
	"Content-Security-Policy: " + assets.Policy + "\r\nX-Content-Type-Options: nosniff\r\n" +
	"Cross-Origin-Resource-Policy: same-origin\r\nConnection: close\r\n\r\n"

// stream takes the connection over and tells the page what happens (HTML
// Standard, §9.2).
func (i *Inspector) stream(ctx *fasthttp.RequestCtx) {
	if !ctx.IsGet() {
		refuse(ctx, fasthttp.StatusMethodNotAllowed, "Method Not Allowed")
		return
	}
	if i.closing.Err() != nil {
		refuse(ctx, fasthttp.StatusServiceUnavailable, "closing")
		return
	}
	last := assets.Header(ctx, "Last-Event-ID")
	if last == "" {
		last = string(ctx.QueryArgs().Peek("after"))
	}
	after, _ := i.seqOf(last) // of another run: from the oldest
	ctx.HijackSetNoResponse(true)
	ctx.Hijack(func(nc net.Conn) { i.tell(nc, after) })
}

// tell is the life of one page's stream.
func (i *Inspector) tell(nc net.Conn, after uint64) {
	if h, ok := nc.(interface{ UnsafeConn() net.Conn }); ok {
		nc = h.UnsafeConn()
	}
	defer nc.Close()
	if !i.enter() {
		_, _ = nc.Write([]byte("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
		return
	}
	defer i.leave()
	ctx, cancel := context.WithCancel(i.closing)
	defer untilGone(nc, cancel)()
	p := &page{Inspector: i, nc: nc, after: after}
	if p.write([]byte(head)) != nil {
		return
	}
	for ctx.Err() == nil && p.step(ctx) == nil {
	}
}

// untilGone calls gone once the client has ended the connection. What it returns
// waits for that, or ends the waiting.
func untilGone(nc net.Conn, gone context.CancelFunc) (end func()) {
	ended := make(chan struct{})
	_ = nc.SetReadDeadline(time.Time{}) // a failure shows in Read
	go func() {
		defer close(ended)
		defer gone()
		var buf [64]byte
		for {
			if _, err := nc.Read(buf[:]); err != nil {
				return
			}
		}
	}()
	return func() {
		_ = nc.SetReadDeadline(time.Unix(1, 0))
		<-ended
	}
}

// page is one page's stream.
type page struct {
	*Inspector
	nc    net.Conn
	after uint64 // Seq of the last event that was looked at
}

// step sends what there is, or waits until there is something.
func (p *page) step(ctx context.Context) error {
	events, more := p.recorder.Since(p.after)
	if len(events) > 0 {
		err := p.write(p.batch(events))
		wait(ctx, breath, nil)
		return err
	}
	if wait(ctx, heartbeat, more) {
		return p.write([]byte(":\n\n")) // a comment; a dead connection shows in time
	}
	return nil
}

// wait waits for one of the three, and reports whether it was the time.
func wait(ctx context.Context, d time.Duration, more <-chan struct{}) (late bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-more:
	case <-ctx.Done():
	}
	return false
}

// batch renders events, and before them how many the page has missed.
func (p *page) batch(events []observe.Event) (b []byte) {
	if missed := events[0].Seq - p.after - 1; missed > 0 && p.after > 0 {
		b = strconv.AppendUint([]byte("event: skipped\ndata: "), missed, 10)
		b = append(b, "\n\n"...)
	}
	for n := range events {
		data, err := json.Marshal(p.row(&events[n]))
		if err != nil { // rows always marshal
			continue
		}
		b = append(append(b, "id: "+p.idOf(events[n].Seq)+"\ndata: "...), data...)
		b = append(b, "\n\n"...)
	}
	p.after = events[len(events)-1].Seq
	return b
}

func (p *page) write(b []byte) error {
	if err := p.nc.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := p.nc.Write(b)
	return err
}

// idOf names an event to pages: the run, a dot, the event's Seq.
func (i *Inspector) idOf(seq uint64) string { return i.run + "." + strconv.FormatUint(seq, 10) }

// seqOf is the Seq of an id of this run.
func (i *Inspector) seqOf(id string) (seq uint64, ok bool) {
	run, number, _ := strings.Cut(id, ".")
	seq, err := strconv.ParseUint(number, 10, 64)
	if run != i.run || err != nil {
		return 0, false
	}
	return seq, true
}
