package protocol_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"bellhop/shared/protocol"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeClientReadsEveryField(t *testing.T) {
	for input, want := range map[string]protocol.ClientFrame{
		`{"type":"hello","id":"1","epoch":"e","offset":0}`:                     &protocol.Hello{ID: "1", Epoch: "e"},
		`{"type":"hello","id":"1","epoch":"","offset":5}`:                      &protocol.Hello{ID: "1", Offset: 5},
		`{"type":"mark","id":"1","state":"seen","items":[3,9],"through":null}`: &protocol.Mark{ID: "1", State: protocol.Seen, Items: []int64{3, 9}},
		`{"type":"mark","id":"1","state":"seen","through":4}`:                  &protocol.Mark{ID: "1", State: protocol.Seen, Through: 4},
		`{"type":"mark","id":"1","state":"archived","items":[1]}`:              &protocol.Mark{ID: "1", State: protocol.Archived, Items: []int64{1}},
		`{"type":"list","id":"1","before":0,"limit":0,"filter":null}`:          &protocol.List{ID: "1"},
		`{"type":"list","id":"1","filter":{"type":"t","unread":true,"archived":false}}`: &protocol.List{
			ID: "1", Filter: protocol.Filter{Unread: true, Type: "t"},
		},
		`{"type":"ack","offset":0,"id":"1"}`:                                 &protocol.Ack{},
		` {"new":{"field":[1]},"type":"p\u0069ng","Type":"hello","id":"x"} `: &protocol.Ping{},
	} {
		got, _, err := protocol.DecodeClient([]byte(input))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: error %v, frame (-want +got):\n%s", input, err, diff)
		}
	}
}

func TestDecodeClientGivesTheIDOfARefusedFrame(t *testing.T) {
	for input, want := range map[string]string{
		`{"type":"mark","id":"m-1"}`:  "m-1",
		`{"type":"what","id":"m-2"}`:  "m-2",
		`{"id":"m-3"}`:                "m-3",
		`{"type":"mark","id":["x"]}`:  "",
		`{"type":"mark","id":"m-4",}`: "",
	} {
		if _, id, err := protocol.DecodeClient([]byte(input)); id != want || err == nil {
			t.Errorf("%s: id %q, error %v, want %q and an error", input, id, err, want)
		}
	}
}

func TestDecodeClientRefusesWhatNoGatewayPasses(t *testing.T) {
	fits := `{"type":"ping"` + strings.Repeat(" ", protocol.MaxFrame-len(`{"type":"ping"}`)) + `}`
	if _, _, err := protocol.DecodeClient([]byte(fits)); err != nil {
		t.Errorf("a frame of %d bytes: %v, want none", len(fits), err)
	}
	var got *protocol.Error
	if _, _, err := protocol.DecodeClient([]byte(fits + " ")); !errors.As(err, &got) || got.Code != protocol.TooLarge {
		t.Errorf("a frame of %d bytes: %v, want %s", len(fits)+1, err, protocol.TooLarge)
	}
}

func TestDecodeServerTellsStoredFromLiveOnly(t *testing.T) {
	for input, want := range map[string]*protocol.Notification{
		`{"type":"notification","epoch":"e","offset":3,"event":{"a":1},"unread":2,"unseen":0}`: {
			Epoch: "e", Offset: 3, Event: json.RawMessage(`{"a":1}`), Counts: &protocol.Counts{Unread: 2},
		},
		`{"type":"notification","event":{}}`: {Event: json.RawMessage(`{}`)},
	} {
		got, err := protocol.DecodeServer([]byte(input))
		if diff := cmp.Diff(protocol.ServerFrame(want), got); diff != "" || err != nil {
			t.Errorf("%s: error %v, frame (-want +got):\n%s", input, err, diff)
		}
	}
}

func TestDecodeServerNamesWhatItCannotRead(t *testing.T) {
	for _, input := range []string{
		``, `[]`, `{"type":7}`, `{"type":"welcome","offset":"x"}`, `{"type":"notification"}`, `{"type":"notification","event":null}`,
		`{"type":"state","at":"yesterday"}`,
	} {
		if frame, err := protocol.DecodeServer([]byte(input)); err == nil || frame != nil {
			t.Errorf("%s: frame %v, error %v, want an error alone", input, frame, err)
		}
	}
}
