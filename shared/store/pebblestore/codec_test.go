package pebblestore

import (
	"bytes"
	"math"
	"testing"
	"time"

	"bellhop/shared/connections"
	"bellhop/shared/inbox"
	"bellhop/shared/limit"
	"bellhop/shared/session"
)

// FuzzDecode says that no bytes make a decoder panic, and that what one reads
// is read again, the same, after it has been encoded.
func FuzzDecode(f *testing.F) {
	at := time.UnixMilli(1_800_000_000_123)
	for _, b := range [][]byte{
		nil,
		{0},
		bytes.Repeat([]byte{0xff}, 20),
		encodeHead(inbox.Head{Epoch: "e", Offset: 1, LastItem: 2, SeenThrough: 3, ReadThrough: math.MaxInt64, At: at, LastFrom: 1, LastCount: 2}),
		encodeItem(inbox.Item{Offset: 1, Changed: 2, Event: []byte(`{}`), Read: at, Expires: at}),
		encodeMarker(inbox.Marker{Offset: 1, Hash: [32]byte{1}, Expires: at}),
		encodePointer(inbox.Pointer{Offset: math.MinInt64, Expires: at}),
		encodeConnection(connections.Connection{User: "u", ID: "c", Session: "s", Endpoint: "e", Ready: true, Expires: at}),
		encodeSession(sessionRow{session.Session{ID: "i", User: "u", Expires: at}, true}),
		encodeSession(sessionRow{Session: session.Session{ID: "i", User: "u", Expires: at}}),
		encodeTicket(session.Ticket{ID: "i", Session: "s", Expires: at}),
		encodeLimits(limit.State{Full: at, Connections: map[string]time.Time{"c": at, "d": at}, Version: "v"}),
	} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		again(t, b, decodeHead, encodeHead)
		again(t, b, decodeItem, encodeItem)
		again(t, b, decodeMarker, encodeMarker)
		again(t, b, decodePointer, encodePointer)
		again(t, b, decodeConnection, encodeConnection)
		again(t, b, decodeSession, encodeSession)
		again(t, b, decodeTicket, encodeTicket)
		again(t, b, decodeLimits, encodeLimits)
	})
}

func again[T any](t *testing.T, b []byte, decode func([]byte) (T, error), encode func(T) []byte) {
	t.Helper()
	v, err := decode(b)
	if err != nil {
		return
	}
	first := encode(v)
	w, err := decode(first)
	if err != nil {
		t.Fatalf("decode what was encoded of %+v: %v", v, err)
	}
	if second := encode(w); !bytes.Equal(first, second) {
		t.Errorf("got %x after another round trip of %T, want %x", second, v, first)
	}
}
