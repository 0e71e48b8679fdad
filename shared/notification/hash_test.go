package notification_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"bellhop/shared/notification"

	"github.com/google/go-cmp/cmp"
)

func TestHashIsOfTheBodyAsGiven(t *testing.T) {
	first, _ := notification.Parse([]byte(least), defaults())
	later := notification.Defaults{Now: now.Add(time.Hour), NewID: func() string { return "another" }}
	same := map[string]string{
		"later, with another id":   least,
		"other order and spacing":  "{\n\"data\": {\"title\":\"On its way\" }, \"type\":\"order.shipped\",\"source\":\"shop\"}",
		"specversion given":        strings.Replace(least, "{", `{"specversion":"1.0",`, 1),
		"a null and other escapes": strings.Replace(least, `"order.`, `"\u006frder.`, 1)[:len(least)+4] + `,"subject":null}`,
	}
	for what, input := range same {
		n, err := notification.Parse([]byte(input), later)
		if err != nil || n.Hash != first.Hash {
			t.Errorf("%s: hash %x, error %v, want the hash %x", what, n.Hash, err, first.Hash)
		}
	}
	later.TTL = time.Minute
	if n, err := notification.Parse([]byte(least), later); err != nil || n.Hash != first.Hash {
		t.Errorf("with a time to live: hash %x, error %v, want the hash %x", n.Hash, err, first.Hash)
	}
	seen := map[[32]byte]string{first.Hash: "the first"}
	for _, other := range []string{
		strings.Replace(least, "shop", "shops", 1), strings.Replace(least, "On", "on", 1),
		strings.Replace(least, "{", `{"id":"01JNEW",`, 1), strings.Replace(least, "{", `{"time":"2026-03-01T12:00:00.123Z",`, 1),
		strings.Replace(least, "{", `{"id":"01JNEW","time":"2026-03-01T12:00:00.123Z",`, 1),
		strings.Replace(least, "{", `{"urgency":"normal",`, 1), strings.Replace(least, "{", `{"zone":"eu",`, 1),
	} {
		n := mustParse(t, other)
		if was, ok := seen[n.Hash]; ok {
			t.Errorf("%s has the hash of %s, want one of its own", other, was)
		}
		seen[n.Hash] = other
	}
}

func TestTTLGivesAnExpiryTime(t *testing.T) {
	d := defaults()
	d.TTL = 90 * time.Second
	n, err := notification.Parse([]byte(least), d)
	want := now.UTC().Add(90 * time.Second).Truncate(time.Second)
	if err != nil || !n.Expires.Equal(want) || !strings.Contains(string(n.Event), `"expirytime":"`+want.Format(time.RFC3339)+`"`) {
		t.Errorf("expires %v, event %s, error %v; want %v in both", n.Expires, n.Event, err, want)
	}
}

func TestIDHashIsUnambiguous(t *testing.T) {
	if got, want := notification.IDHash("shop", "a-1"), "xND5B8bT1yBBqCiaKlwGYT5wXCIrbBPEfYYZNez3N2Y"; got != want {
		t.Errorf("IDHash = %s, want %s: stored records bear it", got, want)
	}
	seen := map[string][2]string{}
	for _, pair := range [][2]string{{"ab", "c"}, {"a", "bc"}, {"", "abc"}, {"abc", ""}, {"a\x00", "bc"}, {"a", "\x00bc"}} {
		h := notification.IDHash(pair[0], pair[1])
		if was, ok := seen[h]; ok {
			t.Errorf("IDHash of %q and of %q are one, want two", pair, was)
		}
		seen[h] = pair
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		least, most, `{`, `[]`, `{"source":"a","type":"b","data":{}}`, `{"source":"a","type":"\ud800","data":{"title":null}}`,
		`{"source":"a","type":"b","data":{"x":"\\\"","y":[1 , 2]},"e":-0,"f":"\u2028","g":true}`,
		`{"source":"a","type":"b","expirytime":"9999-12-31T23:59:59-23:59","data":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := notification.Parse(data, defaults())
		if err != nil {
			return
		}
		if !json.Valid(n.Event) || len(n.Event) > 31<<10 {
			t.Fatalf("Event of %d bytes, want valid JSON of at most 31 KiB: %s", len(n.Event), n.Event)
		}
		again, err := notification.Parse(n.Event, defaults())
		if err != nil {
			t.Fatalf("Parse(Event %s): %v", n.Event, err)
		}
		third, _ := notification.Parse(again.Event, defaults())
		if diff := cmp.Diff(again, third); diff != "" {
			t.Errorf("the third reading is another (-second +third):\n%s", diff)
		}
		again.Hash = n.Hash // what was filled in counts as given now
		if diff := cmp.Diff(n, again); diff != "" {
			t.Errorf("Event reads as another (-first +second):\n%s", diff)
		}
	})
}
