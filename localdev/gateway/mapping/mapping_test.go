package mapping

import (
	"strings"
	"testing"
)

func vars(name string) string {
	return map[string]string{
		"context.connectionId": "C=", "context.authorizer.tenant": "acme", "stageVariables.tier": "gold",
		"route.request.querystring.q": "1", "route.request.header.X-H": "2",
	}[name]
}

const body = `{"a":{"b":"x\"y"},"n":[1, 2],"it's":"o'k/","list":[{"id":7,"t":"x"},{"id":8,"t":"y"}],"f":1.5,"no":null,"yes":true}`

func TestAppend(t *testing.T) {
	for _, tt := range []struct{ template, want string }{
		{`{"statusCode":200}`, `{"statusCode":200}`},
		{`$context.connectionId/${context.authorizer.tenant}.`, `C=/acme.`},
		{`$context.authorizer['tenant']`, `acme`},
		{`$context.unknown|$!{stageVariables.tier}|$!context.connectionId`, `|gold|C=`},
		{`$input.body`, body},
		{`${input.body}`, body},
		{`$input.json('$.a')`, `{"b":"x\"y"}`},
		{`$input.json("$.a.b")`, `"x\"y"`},
		{`$input.path('$.a.b')`, `x"y`},
		{`$input.path('$.a').b`, `x"y`},
		{`${input.json('$.n')}`, `[1, 2]`},
		{`$input.json('$')`, body},
		{`$input.path('$.missing')!`, `!`},
		{`$input.params('q')$input.params('X-H')$input.params('none')`, `12`},
		{"a ## comment\nb", "a b"},
		{"a#* block\n *#b", "ab"},
		{`costs $5 and #1, $unknown.name $!unknown.name.`, `costs $5 and #1, $unknown.name .`},
		{`$`, `$`},
		{"#set($x = 1 + 2 * 3)\n$x", `7`},
		{`#set($r = $input.path('$'))$r.list[1].t$r.list.size()$r.n.get(0)`, `y21`},
		{`#set($x = "<$context.connectionId>")$x#set($x = '$x')$x`, `<C=>$x`},
		{`#set($e = "")#if($e)a#elseif($e == "")b#{else}c#end.`, `b.`},
		{`#if($input.path('$.yes') && !$input.path('$.no'))y#{end}n`, `yn`},
		{`#if($input.path('$.f') == '1.5' and 2 gt 1 || $none)y#else n#end`, `y`},
		{`#if("b" > "a" && 3 >= 3 && 2 != 3 && 7 % 4 == 3 && 7 / 2 == 3)y#end`, `y`},
		{`[#foreach($i in $input.path('$.list'))"$i.id"#if($foreach.hasNext),#end#end]`, `["7","8"]`},
		{`#foreach($i in [1..3])$foreach.count:$i #end`, `1:1 2:2 3:3 `},
		{`#foreach($i in [3..2])$i#foreach($k in ['a', "b"])$k#end#end`, `3ab2ab`},
		{`#foreach($k in $input.path('$.a').keySet())$k#end`, `b`},
		{`$util.escapeJavaScript($input.path("$['it's']"))|$util.escapeJavaScript("ü""")`, `o\'k\/|\u00FC\"`},
		{`$util.base64Encode('hi')$util.base64Decode("aGk=")$util.base64Decode('%').`, `aGk=hi.`},
		{`$util.urlEncode('a b&ü')$util.urlDecode('a+b%26')$util.urlDecode('%').`, `a+b%26%C3%BCa b&.`},
		{`$util.parseJson('{"a":[1]}').a[0]$util.parseJson('no').`, `1.`},
		{`#set($s = "AbC")$s.toLowerCase()$s.length()$s.contains("b")$s.replace("b","x")$s.replaceAll("[A-Z]", "-").`, `abc3trueAxC-b-.`},
		{`a#stop b`, `a`},
		{`#set($x = 1 / 0)$x.`, `.`},
		{`$input.path('$.f')$input.path('$.n')`, `1.5[1,2]`},
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

func TestAppend_MessageThatIsNoJSON(t *testing.T) {
	tm, err := Parse(`$input.body|$input.path('$.a')|$input.json('$.a')`)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(tm.Append(nil, []byte("plain"), vars)); got != "plain||" {
		t.Errorf("got %q, want %q", got, "plain||")
	}
}

func TestParse_Refuses(t *testing.T) {
	for _, s := range []string{
		"#set($a)", "#set($context = 1)", "#set(", "#set(ab = 1)", "#foreach(", "#foreach(ab in [1])#end", "#if($x)", "#{foreach}($x in $y)", "#end", "#else", "#* block", "#if(1)#else#elseif(1)#end",
		"#macro(x)#end", "$util.time()", "$util.escapeJavaScript()", "$input.params()", "$input.json('a')", "$input.json('$..a')",
		"$input", "${context.a", "$x.execute()", "#if()#end", "#set($x = 'a)", strings.Repeat("#if(1)", 1000),
		"#set($x = " + strings.Repeat("(", 1000), "#set($x = " + strings.Repeat("!", 1000), "#set($x = 1" + strings.Repeat("+1", 1000) + ")",
	} {
		if _, err := Parse(s); err == nil {
			t.Errorf("%.60q: got no error", s)
		}
	}
}

// A template cannot hold the gateway up or fill its memory.
func TestAppend_Bounds(t *testing.T) {
	loops := strings.Repeat("#foreach($i in [1..2000])", 4) + "x" + strings.Repeat("#end", 4)
	doubling := `#set($s = "0123456789")#foreach($i in [1..1000])#set($s = $s + $s)#end$s`
	for _, s := range []string{loops, doubling} {
		tm, err := Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(tm.Append(nil, nil, vars)); got > maxText {
			t.Errorf("%.40s: got %d bytes, want at most %d", s, got, maxText)
		}
	}
	tm, err := Parse(`#foreach($i in [1..2000])x#end`)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(tm.Append(nil, nil, vars)); got != maxRounds {
		t.Errorf("one loop: got %d rounds, want %d", got, maxRounds)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"$input.json('$.a')", "${context.a}", "#set($x = [1..3])#foreach($i in $x)$i.size()#end", "##", "$!{x}",
		"$input.path(\"$['a'][0]\")", "#if($a == 1 && !$b)$util.escapeJavaScript($a)#elseif(2 < 3)x#else y#end",
	} {
		f.Add(s, `{"a":[1]}`)
	}
	f.Fuzz(func(_ *testing.T, s, body string) {
		if tm, err := Parse(s); err == nil {
			tm.Append(nil, []byte(body), vars)
		}
	})
}
