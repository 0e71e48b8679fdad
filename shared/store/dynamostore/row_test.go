package dynamostore

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"bellhop/shared/connections"
	"bellhop/shared/inbox"
	"bellhop/shared/limit"
)

// A row that somebody else wrote is an error, not a made-up record.
func TestRowsThatAreWrong(t *testing.T) {
	n := func(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
	for name, r := range map[string]row{
		"offset no number":      {"key": text(headKey), "offset": text("1")},
		"offset too large":      {"key": text(headKey), "offset": n("9223372036854775808")},
		"offset with fraction":  {"key": text(headKey), "offset": n("1.5")},
		"item with short key":   {"key": text("N#1")},
		"key of no kind":        {"key": text("X")},
		"no key":                {},
		"hash too short":        {"key": text(markerPrefix + "a"), "offset": n("1"), "hash": binary([]byte{1})},
		"hash too long":         {"key": text(markerPrefix + "a"), "offset": n("1"), "hash": binary(make([]byte, 33))},
		"pointer without sense": {"key": text(pointerPrefix + "a"), "offset": binary(nil)},
	} {
		if got, err := loadedOf([]row{r}); err == nil {
			t.Errorf("%s: got %+v, want an error", name, got)
		}
	}
}

// Zero is not "not set": the first moment of 1970 comes back as it was.
func TestFirstMoment(t *testing.T) {
	want := inbox.Item{Offset: 1, Changed: 1, Read: time.Unix(0, 0).UTC(), Expires: time.Unix(0, 0).UTC()}
	got, err := itemOf(itemRow("ann", want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// An item that is read is in no sparse index.
func TestAbsentAttributes(t *testing.T) {
	r := itemRow("ann", inbox.Item{Offset: 1, Changed: 2})
	for _, name := range []string{"unread", "event", "read_at", "archived_at", "withdrawn_at", "expires"} {
		if v, ok := r[name]; ok {
			t.Errorf("%s: got %v, want none", name, v)
		}
	}
}

func FuzzItem(f *testing.F) {
	f.Add("N#00000000000000000001", "1", "1", "{}", "0")
	f.Add("N#99999999999999999999", "-1", "", "", "1e9")
	f.Add("HEAD", "x", "9223372036854775807", "\x00", "-9223372036854775808")
	f.Fuzz(func(t *testing.T, key, changed, unread, event, at string) {
		n := func(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
		r := row{"user": text("ann"), "key": text(key), "changed": n(changed), "unread": n(unread), "event": text(event), "read_at": n(at), "expires": n(at)}
		i, err := itemOf(r)
		if err != nil || i.Offset < 0 {
			return
		}
		again, err := itemOf(itemRow("ann", i))
		if err != nil {
			t.Fatalf("read %+v again: %v", i, err)
		}
		if diff := cmp.Diff(i, again); diff != "" {
			t.Errorf("-first +again\n%s", diff)
		}
	})
}

func FuzzConnection(f *testing.F) {
	f.Add("ann", "c1", "s1", "http://localhost", true, int64(1), int64(0))
	f.Fuzz(func(t *testing.T, user, id, session, endpoint string, ready bool, at, expires int64) {
		want := connections.Connection{
			User: user, ID: id, Session: session, Endpoint: endpoint, Ready: ready,
			ConnectedAt: time.UnixMilli(at % 1e15).UTC(), Expires: time.Unix(expires%1e12, 0).UTC(),
		}
		got, err := connectionOf(connectionRow(want))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

// TestLimitsRow is what DynamoDB deletes by, and what the condition compares.
func TestLimitsRow(t *testing.T) {
	last := time.UnixMicro(1_800_000_000_000_001).UTC()
	r := limitsRow("ann", limit.State{Connections: map[string]time.Time{"a": last, "b": last.Add(-time.Second)}})
	read := reader{row: r}
	if got := read.seconds("expires"); !got.After(last) || got.Sub(last) > 2*time.Second {
		t.Errorf("expires: got %v, want soon after %v", got, last)
	}
	if got := read.micros("until"); !got.Equal(last) || read.err != nil {
		t.Errorf("until: got %v, %v, want %v", got, read.err, last)
	}
	r["connections"] = &types.AttributeValueMemberM{Value: row{"a": text("soon")}}
	if got, err := limitsOf(r); err == nil {
		t.Errorf("a time that is text: got %+v, want an error", got)
	}
}
