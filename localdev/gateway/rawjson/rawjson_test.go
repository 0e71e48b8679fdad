package rawjson

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

func TestMembersAndElements(t *testing.T) {
	doc := []byte(` { "a" : [ 1 , "}" , { "x" : [ ] } ] , "b\u0020" : true , "c":{},"d":"\\" } `)
	var keys, values []string
	for k, v := range Members(doc) {
		keys, values = append(keys, string(AppendString(nil, k))), append(values, string(v))
	}
	wantKeys := []string{"a", "b ", "c", "d"}
	wantValues := []string{`[ 1 , "}" , { "x" : [ ] } ]`, `true`, `{}`, `"\\"`}
	for i := range wantKeys {
		if keys[i] != wantKeys[i] || values[i] != wantValues[i] {
			t.Errorf("member %d: got %s %s, want %s %s", i, keys[i], values[i], wantKeys[i], wantValues[i])
		}
	}
	n := 0
	for range Elements([]byte(values[0])) {
		n++
	}
	if n != 3 {
		t.Errorf("elements: got %d, want 3", n)
	}
	for range Members([]byte(`[1]`)) {
		t.Error("members of an array")
	}
	for range Elements([]byte(`{}`)) {
		t.Error("elements of an object")
	}
}

// A string quoted here says to encoding/json what it said before.
func FuzzAppendQuoted(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\\n\r\t\x00\x1f", "ü 😀", "\xff\xfea", "a\xc3", "\u2028<>&"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got, want string
		if err := json.Unmarshal(AppendQuoted(nil, s), &got); err != nil {
			t.Fatal(err)
		}
		standard, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(standard, &want); err != nil {
			t.Fatal(err)
		}
		if got != want || string(AppendQuoted(nil, []byte(s))) != string(AppendQuoted(nil, s)) {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
		if utf8.ValidString(s) && got != s {
			t.Errorf("%q became %q", s, got)
		}
	})
}

// A string that JSON text holds reads as encoding/json reads it.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{`"plain"`, `"\"\\\/\b\f\n\r\t"`, `"\u00fC\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx\ud83d\u0041"`, `"\ude00\ud83d\ud83d\ude00"`, "\"\xff\\n\"", `null`, `1.50`, `[ 1 ]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		var want string
		if len(value) == 0 || value[0] != '"' || json.Unmarshal(value, &want) != nil {
			return
		}
		if got := string(AppendString(nil, bytes.TrimSpace(value))); got != want {
			t.Errorf("%s: got %q, want %q", value, got, want)
		}
	})
}

// Members and Elements reach exactly what encoding/json finds.
func FuzzMembers(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":[{"c":"]"}]}`))
	f.Add([]byte(`[1,[2],"x"]`))
	f.Add([]byte("{\"\xff\":\"\"}"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if !json.Valid(doc) {
			return
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(doc, &object) == nil {
			for k, v := range Members(doc) {
				if !json.Valid(k) || !json.Valid(v) {
					t.Fatalf("%s: member %s: %s", doc, k, v)
				}
				delete(object, string(AppendString(nil, k)))
			}
			if len(object) != 0 {
				t.Fatalf("%s: missed %v", doc, object)
			}
		}
		var array []json.RawMessage
		if json.Unmarshal(doc, &array) == nil {
			n := 0
			for v := range Elements(doc) {
				if string(v) != string(array[n]) {
					t.Fatalf("%s: element %d: got %s, want %s", doc, n, v, array[n])
				}
				n++
			}
		}
	})
}
