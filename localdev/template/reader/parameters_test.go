package reader_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bellhop/localdev/template/reader"
)

func TestParseOverrides(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, text string
		want       map[string]string
	}{
		{"nothing", "  ", map[string]string{}},
		{"two", "A=b C=d", map[string]string{"A": "b", "C": "d"}},
		{"white space", "\n A=b\t\tC=d ", map[string]string{"A": "b", "C": "d"}},
		{"empty value", "A= C=d", map[string]string{"A": "", "C": "d"}},
		{"quoted empty value", `A="" C=d`, map[string]string{"A": "", "C": "d"}},
		{"equals in the value", "A=b=c", map[string]string{"A": "b=c"}},
		{"commas in the value", "A=.example.com,https://b.test:8443", map[string]string{"A": ".example.com,https://b.test:8443"}},
		{"quotes", `A="b c" C="d\"e\\f"`, map[string]string{"A": "b c", "C": `d"e\f`}},
		{"all of it quoted", `"A=b c"`, map[string]string{"A": "b c"}},
		{"backslash outside quotes", `A=C:\dir`, map[string]string{"A": `C:\dir`}},
		{"long form", "ParameterKey=A,ParameterValue=b ParameterKey=C,ParameterValue=d,e", map[string]string{"A": "b", "C": "d,e"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := reader.ParseOverrides(c.text)
			if err != nil {
				t.Fatalf("got error %v, want none", err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	for text, word := range map[string]string{
		"A": `"A"`, "=b": `"=b"`, "A=b A=c": `"A"`, `A="b`: "quote", "ParameterKey=A": `"ParameterKey=A"`,
		"ParameterKey=A,B=c,ParameterValue=d": "letters and digits", "A-B=c": `"A-B=c"`,
	} {
		if _, err := reader.ParseOverrides(text); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: got error %v, want one that names %s", text, err, word)
		}
	}
}
