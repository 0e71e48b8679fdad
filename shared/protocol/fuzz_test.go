package protocol_test

import (
	"encoding/json"
	"errors"
	"testing"

	"bellhop/shared/protocol"

	"github.com/google/go-cmp/cmp"
)

// FuzzDecodeClient: a frame that is taken is within the limits and comes back
// from its encoding; one that is not is refused with a code.
func FuzzDecodeClient(f *testing.F) {
	addSeeds(f, "client")
	for _, c := range readAll[struct{ Input string }](f, "invalid") {
		f.Add([]byte(c.Input))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, id, err := protocol.DecodeClient(data)
		if len(id) > protocol.MaxID {
			t.Errorf("id of %d bytes, want at most %d", len(id), protocol.MaxID)
		}
		if err != nil {
			var known *protocol.Error
			if !errors.As(err, &known) || known.Code == "" || frame != nil {
				t.Errorf("frame %v, error %#v, want an error with a code alone", frame, err)
			}
			return
		}
		if h, ok := frame.(*protocol.Hello); ok && h.Epoch == "" {
			h.Offset = 0 // means nothing without an epoch
		}
		again, _, err := protocol.DecodeClient(protocol.Encode(frame))
		if diff := cmp.Diff(frame, again); diff != "" || err != nil {
			t.Errorf("decoded again: error %v, frame (-want +got):\n%s", err, diff)
		}
	})
}

// FuzzDecodeServer: what a client can read is encoded as valid JSON, and from
// there on always in the same way.
func FuzzDecodeServer(f *testing.F) {
	addSeeds(f, "server")
	for _, c := range readAll[struct{ Input string }](f, "ignored") {
		f.Add([]byte(c.Input))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, err := protocol.DecodeServer(data)
		if frame == nil || err != nil {
			return
		}
		first := protocol.Encode(frame)
		if !json.Valid(first) {
			t.Fatalf("%s is encoded as %s, want valid JSON", data, first)
		}
		again, err := protocol.DecodeServer(first)
		if err != nil {
			t.Fatalf("decode %s: %v", first, err)
		}
		if diff := cmp.Diff(string(first), string(protocol.Encode(again))); diff != "" {
			t.Errorf("encoded again (-first +second):\n%s", diff)
		}
	})
}

func addSeeds(f *testing.F, direction string) {
	for _, g := range readAll[golden](f, "frames") {
		if g.Direction == direction {
			f.Add(g.compact(f))
		}
	}
}
