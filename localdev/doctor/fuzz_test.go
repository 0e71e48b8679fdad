package doctor_test

import (
	"os"
	"testing"
	"testing/fstest"

	"bellhop/localdev/doctor"
	"bellhop/localdev/template"
)

// FuzzCheck: every template that can be read can be looked at, and each finding
// has a place.
func FuzzCheck(f *testing.F) {
	for _, name := range []string{"testdata/good.yaml", "../template/testdata/chat-sam.yaml", "../template/testdata/chat-plain.json"} {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(src))
	}
	f.Add(pusher)
	code := fstest.MapFS{"src/app.py": {Data: []byte("'arn:aws:execute-api:*:*:*/*/GET/x'")}}
	f.Fuzz(func(t *testing.T, src string) {
		stack, err := template.Parse("fuzz.yaml", []byte(src), nil)
		if err != nil {
			return
		}
		for _, found := range doctor.Check(stack, code) {
			if found.Line < 1 || found.Resource == "" || found.Message == "" {
				t.Errorf("got %+v, want a line, a resource and a message", found)
			}
		}
	})
}
