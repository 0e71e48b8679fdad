package nodejs_test

import (
	"encoding/json"
	"testing"
)

// Whatever JSON a function is called with, it gets JSON, and the next call finds the
// process as it was. What is no JSON is refused before it comes here.
func FuzzInvoke(f *testing.F) {
	for _, seed := range []string{`{"a":"ü"}`, `null`, `"\ud800"`, `{"__proto__":1}`, `[1e999,-0,"\u0000"]`, `{"a":"` + "\xff" + `"}`, ` {"a":1} `} {
		f.Add([]byte(seed))
	}
	r := open(f, "app.promise", nil, nil)
	f.Fuzz(func(t *testing.T, event []byte) {
		if !json.Valid(event) {
			return
		}
		if result, err := r.Invoke(t.Context(), event); err != nil || !json.Valid(result) {
			t.Errorf("%q: got %s, %v; want JSON", event, result, err)
		}
		if got, err := r.Invoke(t.Context(), []byte(`{"a":1}`)); err != nil || string(got) != `{"got":{"a":1}}` {
			t.Errorf("after %q: got %s, %v", event, got, err)
		}
	})
}
