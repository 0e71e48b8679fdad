package reader_test

import (
	"strings"
	"testing"

	"bellhop/localdev/template/reader"
)

// FuzzParseOverrides: what was read can be written again, quoted, and read back.
func FuzzParseOverrides(f *testing.F) {
	for _, seed := range []string{`A=b C="d e"`, `A="\"" B=`, "ParameterKey=A,ParameterValue=b", `A="`, "=", `A\=b`} {
		f.Add(seed)
	}
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	f.Fuzz(func(t *testing.T, text string) {
		overrides, err := reader.ParseOverrides(text)
		if err != nil {
			return
		}
		for key, value := range overrides {
			again, err := reader.ParseOverrides(`"` + quote.Replace(key+"="+value) + `"`)
			if err != nil || again[key] != value {
				t.Errorf("%q: got %q, %v; want %q", key, again[key], err, value)
			}
		}
	})
}
