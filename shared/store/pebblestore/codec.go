package pebblestore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"bellhop/shared/connections"
	"bellhop/shared/inbox"
	"bellhop/shared/limit"
	"bellhop/shared/session"
)

// errCorrupt says that a value is not what this package wrote.
var errCorrupt = errors.New("corrupt value")

// writer appends fields: numbers as varints, text with its length in front,
// times in milliseconds since 1970 or 0 for the zero time.
type writer []byte

func (w *writer) number(n int64) { *w = binary.AppendVarint(*w, n) }

func (w *writer) text(s string) {
	*w = append(binary.AppendUvarint(*w, uint64(len(s))), s...)
}

func (w *writer) time(t time.Time) {
	if t.IsZero() {
		w.number(0)
		return
	}
	w.number(t.UnixMilli())
}

// reader takes the fields off again; the first fault sticks.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) number() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.err, r.rest = errCorrupt, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) text() string {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > uint64(len(r.rest)-size) {
		r.err, r.rest = errCorrupt, nil
		return ""
	}
	s := string(r.rest[size : size+int(n)])
	r.rest = r.rest[size+int(n):]
	return s
}

func (r *reader) time() time.Time {
	ms := r.number()
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func (r *reader) done(what string) error {
	if r.err == nil && len(r.rest) > 0 {
		r.err = errCorrupt
	}
	if r.err != nil {
		return fmt.Errorf("read %s: %w", what, r.err)
	}
	return nil
}

func encodeHead(h inbox.Head) []byte {
	var w writer
	w.text(h.Epoch)
	w.number(h.Offset)
	w.number(h.LastItem)
	w.number(h.SeenThrough)
	w.number(h.ReadThrough)
	w.number(h.ArchivedThrough)
	w.time(h.At)
	w.number(h.LastFrom)
	w.number(h.LastCount)
	return w
}

func decodeHead(b []byte) (inbox.Head, error) {
	r := reader{rest: b}
	h := inbox.Head{
		Epoch: r.text(), Offset: r.number(), LastItem: r.number(),
		SeenThrough: r.number(), ReadThrough: r.number(), ArchivedThrough: r.number(), At: r.time(),
		LastFrom: r.number(), LastCount: r.number(),
	}
	return h, r.done("head")
}

func encodeItem(i inbox.Item) []byte {
	w := make(writer, 0, len(i.Event)+64)
	w.number(i.Offset)
	w.number(i.Changed)
	w.number(i.Unread)
	w.time(i.Expires)
	w.time(i.Read)
	w.time(i.Archived)
	w.time(i.Withdrawn)
	w.text(string(i.Event))
	return w
}

func decodeItem(b []byte) (inbox.Item, error) {
	r := reader{rest: b}
	i := inbox.Item{
		Offset: r.number(), Changed: r.number(), Unread: r.number(),
		Expires: r.time(), Read: r.time(), Archived: r.time(), Withdrawn: r.time(),
	}
	if event := r.text(); event != "" {
		i.Event = []byte(event)
	}
	return i, r.done("item")
}

func encodeMarker(m inbox.Marker) []byte {
	var w writer
	w.number(m.Offset)
	w.time(m.Until)
	w.time(m.Expires)
	w.text(string(m.Hash[:]))
	return w
}

func decodeMarker(b []byte) (inbox.Marker, error) {
	r := reader{rest: b}
	m := inbox.Marker{Offset: r.number(), Until: r.time(), Expires: r.time()}
	if copy(m.Hash[:], r.text()) != len(m.Hash) && r.err == nil {
		r.err = errCorrupt
	}
	return m, r.done("marker")
}

func encodePointer(p inbox.Pointer) []byte {
	var w writer
	w.number(p.Offset)
	w.time(p.Expires)
	return w
}

func decodePointer(b []byte) (inbox.Pointer, error) {
	r := reader{rest: b}
	p := inbox.Pointer{Offset: r.number(), Expires: r.time()}
	return p, r.done("pointer")
}

func encodeConnection(c connections.Connection) []byte {
	var w writer
	ready := int64(0)
	if c.Ready {
		ready = 1
	}
	w.number(ready)
	w.time(c.Expires)
	w.time(c.ConnectedAt)
	w.text(c.User)
	w.text(c.ID)
	w.text(c.Session)
	w.text(c.Endpoint)
	if !c.Ends.IsZero() {
		w.time(c.Ends)
	}
	return w
}

func decodeConnection(b []byte) (connections.Connection, error) {
	r := reader{rest: b}
	c := connections.Connection{
		Ready: r.number() == 1, Expires: r.time(), ConnectedAt: r.time(),
		User: r.text(), ID: r.text(), Session: r.text(), Endpoint: r.text(),
	}
	if len(r.rest) > 0 {
		c.Ends = r.time()
	}
	return c, r.done("connection")
}

// sessionRow is a session and whether it was revoked, which is written only
// where it is so.
type sessionRow struct {
	session.Session
	revoked bool
}

func encodeSession(s sessionRow) []byte {
	var w writer
	w.text(s.ID)
	w.text(s.User)
	w.time(s.Created)
	w.time(s.Expires)
	if s.revoked {
		w.number(1)
	}
	return w
}

func decodeSession(b []byte) (sessionRow, error) {
	r := reader{rest: b}
	s := sessionRow{Session: session.Session{ID: r.text(), User: r.text(), Created: r.time(), Expires: r.time()}}
	if len(r.rest) > 0 {
		if s.revoked = r.number() == 1; !s.revoked {
			r.err = errCorrupt
		}
	}
	return s, r.done("session")
}

func encodeTicket(t session.Ticket) []byte {
	var w writer
	w.text(t.ID)
	w.text(t.Session)
	w.time(t.Expires)
	return w
}

func decodeTicket(b []byte) (session.Ticket, error) {
	r := reader{rest: b}
	t := session.Ticket{ID: r.text(), Session: r.text(), Expires: r.time()}
	return t, r.done("ticket")
}

// moment is as exact as the limits are: in microseconds.
func (w *writer) moment(t time.Time) {
	if t.IsZero() {
		w.number(0)
		return
	}
	w.number(t.UnixMicro())
}

func (r *reader) moment() time.Time {
	if us := r.number(); us != 0 {
		return time.UnixMicro(us).UTC()
	}
	return time.Time{}
}

func encodeLimits(s limit.State) []byte {
	var w writer
	w.text(s.Version)
	w.moment(s.Full)
	for _, id := range slices.Sorted(maps.Keys(s.Connections)) {
		w.text(id)
		w.moment(s.Connections[id])
	}
	return w
}

func decodeLimits(b []byte) (limit.State, error) {
	r := reader{rest: b}
	s := limit.State{Version: r.text(), Full: r.moment(), Connections: map[string]time.Time{}}
	for len(r.rest) > 0 {
		id := r.text()
		s.Connections[id] = r.moment()
	}
	return s, r.done("limits")
}
