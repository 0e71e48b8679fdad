package mapping

import "testing"

func vars(name string) string {
	return map[string]string{"context.connectionId": "C=", "context.authorizer.tenant": "acme", "stageVariables.tier": "gold"}[name]
}

func TestAppend(t *testing.T) {
	const body = `{"a":{"b":"x\"y"},"n":[1, 2]}`
	for _, tt := range []struct{ template, want string }{
		{`{"statusCode":200}`, `{"statusCode":200}`},
		{`$context.connectionId/${context.authorizer.tenant}.`, `C=/acme.`},
		{`$context.unknown|$!{stageVariables.tier}|$!context.connectionId`, `|gold|C=`},
		{`$input.body`, body},
		{`${input.body}`, body},
		{`$input.json('$.a')`, `{"b":"x\"y"}`},
		{`$input.json("$.a.b")`, `"x\"y"`},
		{`$input.path('$.a.b')`, `x"y`},
		{`${input.json('$.n')}`, `[1, 2]`},
		{`$input.json('$')`, body},
		{`$input.path('$.missing')!`, `!`},
		{"a ## comment\nb", "a b"},
		{`costs $5 and #1, $unknown.name`, `costs $5 and #1, $unknown.name`},
		{`$`, `$`},
	} {
		tm, err := Parse(tt.template)
		if err != nil {
			t.Errorf("%s: %v", tt.template, err)
			continue
		}
		if got := string(tm.Append(nil, []byte(body), vars)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.template, got, tt.want)
		}
	}
}

func TestParse_Refuses(t *testing.T) {
	for _, s := range []string{
		"#set($a = 1)", "#if($x)", "#{foreach}($x in $y)", "#end", "#* block *#", "$util.escapeJavaScript('x')",
		"$input.params('x')", "$input.json('a')", "$input.json('$..a')", "$input",
	} {
		if _, err := Parse(s); err == nil {
			t.Errorf("%q: got no error", s)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"$input.json('$.a')", "${context.a}", "#set", "##", "$!{x}", "$input.path(\"$['a'][0]\")"} {
		f.Add(s, `{"a":[1]}`)
	}
	f.Fuzz(func(_ *testing.T, s, body string) {
		if tm, err := Parse(s); err == nil {
			tm.Append(nil, []byte(body), vars)
		}
	})
}
