package protocol_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"bellhop/shared/protocol"

	"github.com/google/go-cmp/cmp"
)

func TestEncodeLeavesEventsAlone(t *testing.T) {
	event := json.RawMessage(`{"data":{"title":"<b> & \"` + "\u2028" + `\""}}`)
	for _, frame := range []any{
		&protocol.Notification{Epoch: "e", Offset: 1, Event: event, Counts: &protocol.Counts{}},
		&protocol.Page{ID: "1", Items: []protocol.Item{{Offset: 1, Event: event}}},
		&protocol.Welcome{ID: "1", Items: []protocol.Item{{Offset: 1, Event: event}}, Expires: time.Unix(0, 0).UTC()},
	} {
		if got := string(protocol.Encode(frame)); !strings.Contains(got, string(event)) {
			t.Errorf("Encode(%T) = %s, want the event in it as it is: %s", frame, got, event)
		}
	}
}

// TestEncodeWritesItemsAsTheirTagsSay holds the encoding by hand against the
// one by reflection, every field of an item included.
func TestEncodeWritesItemsAsTheirTagsSay(t *testing.T) {
	all := protocol.Item{
		Offset: 7, Event: json.RawMessage(`{"a":["b"]}`), Read: true, Seen: true, Archived: true, Withdrawn: true, UnreadSince: 9,
	}
	const trap = `"items":[]` // within a string
	for _, items := range [][]protocol.Item{
		{}, {{}}, {all}, {all, {Offset: 1, Seen: true}, {Offset: 2, Read: true, Event: json.RawMessage(`{}`)}, {Archived: true}},
	} {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(items); err != nil {
			t.Fatal(err)
		}
		for _, frame := range []any{
			&protocol.Page{ID: trap, Items: items}, &protocol.Welcome{ID: trap, User: trap, Epoch: trap, Items: items},
		} {
			var got struct {
				ID    string          `json:"id"`
				Items json.RawMessage `json:"items"`
			}
			if err := json.Unmarshal(protocol.Encode(frame), &got); err != nil {
				t.Fatalf("Encode(%T): %v", frame, err)
			}
			if diff := cmp.Diff(strings.TrimSpace(want.String()), string(got.Items)); diff != "" || got.ID != trap {
				t.Errorf("Encode(%T): id %q, items (-want +got):\n%s", frame, got.ID, diff)
			}
		}
	}
	if got, want := string(protocol.Encode(&protocol.Page{ID: "1"})), `{"type":"page","id":"1","items":[],"more":false}`; got != want {
		t.Errorf("a page without items = %s, want %s", got, want)
	}
}

func TestEncodeQuotesEpochs(t *testing.T) {
	for _, epoch := range []string{"01JB8Q6T3W", `a"b\`, "\x01\x10", "é", ""} {
		encoded := protocol.Encode(&protocol.Notification{Epoch: epoch, Offset: 1, Event: json.RawMessage(`{}`)})
		frame, err := protocol.DecodeServer(encoded)
		if err != nil {
			t.Errorf("epoch %q: %s: %v", epoch, encoded, err)
		} else if got := frame.(*protocol.Notification).Epoch; got != epoch {
			t.Errorf("epoch %q comes back as %q", epoch, got)
		}
	}
}

func TestEncodePanicsOnWhatIsNoFrame(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Encode of a Hello that is no pointer: want a panic")
		}
	}()
	protocol.Encode(protocol.Hello{ID: "1"})
}
