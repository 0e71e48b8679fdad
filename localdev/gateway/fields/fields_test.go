package fields

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestAppendJSON_2_1(t *testing.T) {
	f := Fields{Fold: true}
	f.AddRaw("Host: a\r\nX-Team: red\r\nnot a header\r\nx-team: \"blue\"\r\nSkipped: x\r\n")
	got := string(f.AppendJSON(nil, Headers, func(name string) bool { return name == "Skipped" }))
	want := `"headers":{"Host":"a","X-Team":"\"blue\""},"multiValueHeaders":{"Host":["a"],"X-Team":["red","\"blue\""]},`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got := f.Last("X-TEAM"); got != `"blue"` {
		t.Errorf("last: got %s", got)
	}
	f.Set("X-team", "green")
	f.Set("New", "1")
	if got := slices.Collect(f.Values("x-team")); !slices.Equal(got, []string{"red", "green"}) || f.Last("new") != "1" {
		t.Errorf("after Set: got %q, %q", got, f.Last("new"))
	}
}

func TestHasToken(t *testing.T) {
	f := Fields{Fold: true}
	f.Add("connection", "keep-alive, Upgrade")
	if !f.HasToken("Connection", "upgrade") || f.HasToken("Connection", "keep") {
		t.Error("tokens of a list are not told apart")
	}
}

// Whatever a client sends, the members are JSON.
func FuzzAppendJSON(f *testing.F) {
	f.Add("Host: a\r\nX: \xff\"\\\r\n", true)
	f.Fuzz(func(t *testing.T, raw string, fold bool) {
		fields := Fields{Fold: fold}
		fields.AddRaw(raw)
		b := fields.AppendJSON([]byte{'{'}, Headers, None)
		b[len(b)-1] = '}' // over the comma
		if !json.Valid(b) {
			t.Errorf("%q: got %s", raw, b)
		}
	})
}
