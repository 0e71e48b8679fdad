package accesslog

import (
	"strings"
	"testing"
)

func TestLine_7(t *testing.T) {
	f, err := Parse(`{"id":"$context.requestId","ip":"$context.identity.sourceIp","no":"$context.authorizer.x","lone":"$context","price":"$5"}`)
	if err != nil {
		t.Fatal(err)
	}
	got := f.Line(func(name string) string {
		return map[string]string{"context.requestId": "Zk3=", "context.identity.sourceIp": "127.0.0.1\r\nforged"}[name]
	})
	if want := `{"id":"Zk3=","ip":"127.0.0.1  forged","no":"-","lone":"$context","price":"$5"}`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestParse_7_Refuses(t *testing.T) {
	for name, format := range map[string]string{"without an id": "$context.status", "too long": "$context.requestId" + strings.Repeat("x", 3<<10)} {
		if _, err := Parse(format); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if f, err := Parse(""); f != nil || err != nil {
		t.Errorf("none: got %v, %v", f, err)
	}
}

// Whatever format and values are, a line is one line.
func FuzzLine(f *testing.F) {
	f.Add("$context.requestId $context.status", "a\nb")
	f.Fuzz(func(t *testing.T, format, value string) {
		parsed, err := Parse(format)
		if err != nil || parsed == nil || strings.ContainsAny(format, "\r\n") {
			return
		}
		if got := parsed.Line(func(string) string { return value }); strings.ContainsAny(got, "\r\n") {
			t.Errorf("%q: got %q", format, got)
		}
	})
}
