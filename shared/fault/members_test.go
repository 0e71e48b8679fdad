package fault

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzSplit compares with encoding/json, which takes apart what is valid in
// the same way.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, ` { "a" : [ 1 , {"b":"}\""} ] , "\u0061":-0.5e3 , "c":null } `, `[ "x]" , [[]],{} , true ]`, `{"\ud800":"\\"}`, `7`,
		`{"` + "\xff" + `":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) {
			return
		}
		var fields map[string]json.RawMessage
		if json.Unmarshal(data, &fields) != nil {
			fields = nil
		}
		if diff := cmp.Diff(fields, members(data)); diff != "" {
			t.Errorf("members of %s (-want +got):\n%s", data, diff)
		}
		for name, value := range fields {
			if got := member(data, name)[name]; string(got) != string(value) && utf8.Valid(data) {
				t.Errorf("member %q of %s = %s, want %s", name, data, got, value)
			}
		}
		data = data[skipSpace(data, 0):]
		var raws []json.RawMessage
		if json.Unmarshal(data, &raws) != nil {
			raws = nil
		}
		if diff := cmp.Diff(raws, elements(data)); diff != "" {
			t.Errorf("elements of %s (-want +got):\n%s", data, diff)
		}
	})
}
