package scenario

import (
	"bytes"
	"encoding/json"
	"testing"
)

func parsed(t testing.TB, text string) value {
	t.Helper()
	v, rest, err := parseValue(text)
	if err != nil || rest != "" {
		t.Fatalf("parse %s: rest %q, error %v", text, rest, err)
	}
	return v
}

func TestMatch(t *testing.T) {
	for _, tt := range []struct{ pattern, got, want string }{
		{`{"a":1,"b":[true,null,"x"]}`, `{"b":[true,null,"x"],"a":1}`, ""},
		{`{"a":1,…}`, `{"a":1,"b":2}`, ""},
		{`{"a":1}`, `{"a":1,"c":3,"b":2}`, "b, c is more than wanted"},
		{`{"a":1,"b":…,…}`, `{"a":1}`, "b is missing"},
		{`{"a":{"b":[{"c":1}]}}`, `{"a":{"b":[{"c":2}]}}`, "a.b[0].c: got 2, want 1"},
		{`[1,…]`, `[1,2,3]`, ""},
		{`[1,2,…]`, `[1]`, "the frame: got 1 elements, want 2"},
		{`[1]`, `[1,2]`, "the frame: got 2 elements, want 1"},
		{`[…]`, `[]`, ""},
		{`{"a":[]}`, `{"a":null}`, "a: got null, want an array"},
		{`{}`, `"x"`, `the frame: got "x", want an object`},
		{`{"a":1}`, `{"a":"1"}`, `a: got "1", want 1`},
		{`{"a":$x,"b":$x}`, `{"a":[1],"b":[1]}`, ""},
		{`{"a":$x,"b":$x}`, `{"a":1,"b":2}`, "b: got 2, want $x, which is 1"},
		{`{"a":$known}`, `{"a":"other"}`, `a: got "other", want $known, which is "before"`},
		{`1`, `[1]`, "the frame: got [1], want 1"},
	} {
		got, err := decode([]byte(tt.got))
		if err != nil {
			t.Fatal(err)
		}
		message := ""
		if err := parsed(t, tt.pattern).match(got, bindings{"known": "before"}); err != nil {
			message = err.Error()
		}
		if message != tt.want {
			t.Errorf("%s against %s: got %q, want %q", tt.got, tt.pattern, message, tt.want)
		}
	}
}

func TestRender_ReplacesVariables(t *testing.T) {
	var b bytes.Buffer
	known := bindings{"epoch": "01J", "offset": json.Number("7")}
	if err := parsed(t, `{ "epoch" : $epoch , "offset":$offset,"list":[ 1.50, "é" ],"no":null}`).render(&b, known); err != nil {
		t.Fatal(err)
	}
	if want := `{"epoch":"01J","offset":7,"list":[1.50,"é"],"no":null}`; b.String() != want {
		t.Errorf("got %s, want %s", b.String(), want)
	}
	if err := parsed(t, `$other`).render(&b, known); err == nil || err.Error() != "$other has no value yet" {
		t.Errorf("unknown variable: got %v, want that it has no value", err)
	}
}

// What is valid JSON means the same here: it matches itself, and is sent as it is.
func FuzzValue(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e3,"x\n",true,null]}`, `[]`, `{"":{}}`, `"\ud800"`, `0`, `{"a":$x,…}`, `[...]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, rest, err := parseValue(text)
		if err != nil || rest != "" || !v.sendable() {
			return
		}
		var b bytes.Buffer
		if v.render(&b, bindings{}) != nil {
			return // a variable
		}
		got, err := decode(b.Bytes())
		if err != nil {
			t.Fatalf("%q is sent as %q: %v", text, b.Bytes(), err)
		}
		if err := v.match(got, bindings{}); err != nil {
			t.Errorf("%q does not match itself: %v", text, err)
		}
	})
}
