package expression

import (
	"encoding/json"
	"testing"
)

func vars(name string) string {
	return map[string]string{"context.connectionId": "C=", "stageVariables.tier": "gold", "integration.response.statuscode": "200"}[name]
}

func TestAppend_4_1(t *testing.T) {
	const body = ` {"action":"send", "a":{"b":["x",{"c":1.50}]}, "n":1, "t":true, "z":null, "e":"a\"b", "d":"first","d":"last", "key with.dot":"k"} `
	for _, tt := range []struct{ expression, want string }{
		{"$request.body.action", "send"},
		{"${request.body.action}", "send"},
		{"${request.body.action}/${request.body.n}", "send/1"},
		{"join-${request.body.action}", "join-send"},
		{"join-${request.body.missing}", "join-"},
		{"$request.body.missing", ""},
		{"$request.body.a.b[0]", "x"},
		{"$request.body.a.b[1].c", "1.50"},
		{"$request.body.a.b[7]", ""},
		{"$request.body.a.b", `["x",{"c":1.50}]`},
		{"$request.body.a", `{"b":["x",{"c":1.50}]}`},
		{"$request.body['key with.dot']", "k"},
		{`$request.body["action"]`, "send"},
		{"$request.body.action.more", ""},
		{"$request.body.action[0]", ""},
		{"$request.body.t", "true"},
		{"$request.body.z", ""},
		{"$request.body.e", `a"b`},
		{"$request.body.d", "last"},
		{`\$default`, "$default"},
		{"constant", "constant"},
		{"200", "200"},
		{`${request.body.action}\${x}`, "send${x}"},
		{"$context.connectionId", "C="},
		{"${stageVariables.tier}-${request.body.n}", "gold-1"},
		{"$integration.response.statuscode", "200"},
	} {
		e, err := Parse(tt.expression)
		if err != nil {
			t.Errorf("%s: %v", tt.expression, err)
			continue
		}
		got, ok := e.Append(nil, []byte(body), vars)
		if !ok || string(got) != tt.want {
			t.Errorf("%s: got %q, %v, want %q", tt.expression, got, ok, tt.want)
		}
	}
}

func TestAppend_4_1_BodyThatIsNotJSON(t *testing.T) {
	for text, want := range map[string]bool{"$request.body.a": false, "x-${request.body.a}": false, "constant": true, "$context.connectionId": true} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := e.Append(nil, []byte("not JSON"), vars); ok != want {
			t.Errorf("%s: got ok %v, want %v", text, ok, want)
		}
	}
}

// What a variable yields is not evaluated again.
func TestAppend_4_1_OnePass(t *testing.T) {
	e, err := Parse("${request.body.a}")
	if err != nil {
		t.Fatal(err)
	}
	got, _ := e.Append(nil, []byte(`{"a":"${request.body.b}","b":"no"}`), vars)
	if want := "${request.body.b}"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParse_Refuses(t *testing.T) {
	for _, s := range []string{
		"", "$", "${", "${}", "$request", "$request.bodyx", "$request.body.", "$request.body..a", "$request.body[", "$request.body[a]",
		"$request.body[-1]", "$request.body.*", "a$b", "$context.", "$other.x", "${request.body.a", "$request.header.x",
	} {
		if _, err := Parse(s); err == nil {
			t.Errorf("%q: got no error", s)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"$request.body.a.b[0]", "${request.body.a}/${context.x}", `\$default`, "x", "$request.body['a']"} {
		f.Add(s, `{"a":{"b":["\u00fc",1,{"c":null}]}}`)
	}
	f.Fuzz(func(t *testing.T, s, body string) {
		e, err := Parse(s)
		if err != nil {
			return
		}
		_, ok := e.Append(nil, []byte(body), vars)
		if !ok && json.Valid([]byte(body)) {
			t.Errorf("%q on valid %q: not ok", s, body)
		}
	})
}

// Find agrees with encoding/json on one step.
func FuzzFind(f *testing.F) {
	f.Add(`{"a":1,"b":[1,2]}`, "a")
	f.Add(` { "x" : "\"}" , "a" : { } } `, "a")
	f.Fuzz(func(t *testing.T, body, name string) {
		var m map[string]json.RawMessage
		if name == "" || json.Unmarshal([]byte(body), &m) != nil || m == nil {
			return
		}
		want, ok := m[name]
		got := Path{{name: name, index: -1}}.Find([]byte(body))
		if (got != nil) != ok || ok && string(got) != string(want) {
			t.Errorf("%q in %s: got %s, want %s", name, body, got, want)
		}
	})
}
