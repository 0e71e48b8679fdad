package policy

import (
	"regexp"
	"strings"
	"testing"
)

const arn = "arn:aws:execute-api:eu-west-1:111122223333:k7demo9x2a/live/$connect"

func statement(effect, action, resource string) string {
	return `{"Effect":"` + effect + `","Action":` + action + `,"Resource":` + resource + `}`
}

func TestAllows_3(t *testing.T) {
	const invoke = `"execute-api:Invoke"`
	allowAll := statement("Allow", invoke, `"*"`)
	for _, tt := range []struct {
		statements string
		want       bool
	}{
		{allowAll, true},
		{statement("Allow", invoke, `"`+arn+`"`), true},
		{statement("Allow", invoke, `"arn:aws:execute-api:*:*:k7demo9x2a/live/*"`), true},
		{statement("Allow", invoke, `"arn:aws:execute-api:eu-west-1:111122223333:k7demo9x2a/live/*/*"`), false},
		{statement("Allow", invoke, `"arn:aws:execute-api:eu-west-1:111122223333:k7demo9x2a/*"`), true},
		{statement("Allow", invoke, `"arn:aws:execute-api:eu-west-1:111122223333:k7demo9x2a/li?e/$connect"`), true},
		{statement("Allow", invoke, `"arn:aws:execute-api:eu-west-1:111122223333:k7demo9x2a/dev/*"`), false},
		{statement("Allow", invoke, `["arn:other","*"]`), true},
		{statement("Allow", `"EXECUTE-API:invoke"`, `"*"`), true},
		{statement("Allow", `["execute-api:Manage*","execute-api:*"]`, `"*"`), true},
		{statement("Allow", `"*"`, `"*"`), true},
		{statement("Allow", `"execute-api:ManageConnections"`, `"*"`), false},
		{"[" + allowAll + "," + statement("Deny", invoke, `"*/$connect"`) + "]", false},
		{"[" + statement("Deny", invoke, `"*/$connect"`) + "," + allowAll + "]", false},
		{"[" + statement("Deny", invoke, `"*/other"`) + "," + allowAll + "]", true},
		{`{"Effect":"Allow","NotAction":"s3:*","NotResource":"*/dev/*"}`, true},
		{`{"Effect":"Allow","NotAction":"execute-api:*","Resource":"*"}`, false},
		{`{"Effect":"Allow","Action":"*","NotResource":"*/live/*"}`, false},
	} {
		d, err := Parse([]byte(`{"Version":"2012-10-17","Statement":` + tt.statements + `}`))
		if err != nil {
			t.Errorf("%s: %v", tt.statements, err)
			continue
		}
		if got := d.Allows("execute-api:Invoke", arn); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.statements, got, tt.want)
		}
	}
}

func TestParse_Refuses(t *testing.T) {
	for _, s := range []string{
		``, `null`, `[]`, `{}`, `{"Statement":[]}`, `{"Statement":"x"}`,
		`{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}`,
		`{"Statement":{"Effect":"Allow","Resource":"*"}}`,
		`{"Statement":{"Effect":"Allow","Action":"*"}}`,
		`{"Statement":{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}}`,
		`{"Statement":{"Effect":"Allow","Action":1,"Resource":"*"}}`,
		`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":"true"}}}}`,
	} {
		if _, err := Parse([]byte(s)); err == nil {
			t.Errorf("%s: got no error", s)
		}
	}
}

// Match agrees with the regular expression that the pattern means.
func FuzzMatch(f *testing.F) {
	for _, p := range []string{"*", "a*b", "?", "**?*", "arn:*:x/*", ""} {
		f.Add(p, "arn:aws:x/y")
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 100 || len(s) > 1000 || strings.ToValidUTF8(pattern+s, "") != pattern+s || !ascii(pattern+s) {
			return
		}
		quoted := strings.NewReplacer(`\*`, `(?s:.*)`, `\?`, `(?s:.)`).Replace(regexp.QuoteMeta(pattern))
		want := regexp.MustCompile(`\A` + quoted + `\z`).MatchString(s)
		if got := Match(pattern, s); got != want {
			t.Errorf("Match(%q, %q): got %v, want %v", pattern, s, got, want)
		}
	})
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"Version":"2012-10-17","Statement":` + statement("Allow", `"*"`, `"*"`) + `}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if d, err := Parse(doc); err == nil {
			d.Allows("execute-api:Invoke", arn)
		}
	})
}
