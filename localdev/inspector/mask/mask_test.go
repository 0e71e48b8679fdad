package mask

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"Members", `{"b":1,"a":{"token":"x","Api_Key":7,"on":true,"none":null}}`, `{"b":1,"a":{"token":"[masked]","Api_Key":"[masked]","on":true,"none":null}}`},
		{"Plain", `{"user":"ada","session":"ab12","n":12345678901234567890,"f":1.50,"s":"<&>"}`, `{"user":"ada","session":"ab12","n":12345678901234567890,"f":1.50,"s":"<&>"}`},
		{"Below", `{"secrets":{"a":["x",{"b":1}],"on":false}}`, `{"secrets":{"a":["[masked]",{"b":"[masked]"}],"on":false}}`},
		{"Empty", `{"token":"","tokens":[]}`, `{"token":"","tokens":[]}`},
		{"Cookies", `{"Cookie":"sessionid=abc; theme=dark","cookies":["sessionid=abc"]}`, `{"Cookie":"sessionid=[masked]; theme=[masked]","cookies":["sessionid=[masked]"]}`},
		{"Authorization", `{"authorization":"Bearer abc","Proxy-Authorization":"abc def"}`, `{"authorization":"Bearer [masked]","Proxy-Authorization":"[masked]"}`},
		{"Subprotocols", `{"Sec-WebSocket-Protocol":"bellhop.v1, bellhop.bearer.YWJj"}`, `{"Sec-WebSocket-Protocol":"bellhop.v1, bellhop.bearer.[masked]"}`},
		{"SubprotocolAfter", `{"sec-websocket-protocol":["graphql-ws, access_token, abc"]}`, `{"sec-websocket-protocol":["graphql-ws, access_token, [masked]"]}`},
		{"SubprotocolLong", `{"Sec-WebSocket-Protocol":"` + strings.Repeat("a", 41) + `"}`, `{"Sec-WebSocket-Protocol":"[masked]"}`},
		{"Query", `{"rawQueryString":"a=1&ticket=abc&b=2","queryStringParameters":{"ticket":"abc"}}`, `{"rawQueryString":"a=1&ticket=[masked]&b=2","queryStringParameters":{"ticket":"[masked]"}}`},
		{"JSONInAString", `{"body":"{\"token\":\"abc\"}"}`, `{"body":"{\"token\":\"[masked]\"}"}`},
		{"JSONInAStringTwice", `{"body":"\"{\\\"token\\\":\\\"abc\\\"}\""}`, `{"body":"\"{\\\"token\\\":\\\"[masked]\\\"}\""}`},
		{"JWTAnywhere", `{"note":"it is eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl, is it"}`, `{"note":"it is [masked], is it"}`},
		{"CutOff", `{"token":"abc","a":"b`, `{"token":"[masked]","a":"b`},
		{"CutOffWithin", `{"password":"a b c`, `{"password":"[masked]`},
		{"CutOffList", `{"tokens":["a","b"],"c":`, `{"tokens":[masked],"c":`},
		{"CutOffNested", `{"body":"{\"token\":\"a b","c":1`, `{"body":"{\"token\":\"[masked]","c":1`},
		{"CutOffEscapes", `{"token":"a\"b\\","c":"d`, `{"token":"[masked]","c":"d`},
		{"CutOffNestedEscapes", `{"body":"{\"token\":\"a\\\"b\",\"c\":1`, `{"body":"{\"token\":\"[masked]\",\"c\":1`},
		{"CutOffObject", `{"secrets":{"a":{"b":1},"c":2},"d":"e`, `{"secrets":[masked],"d":"e`},
		{"YAML", "user: ada\npassword:\n  abc\n", "user: ada\npassword:\n  [masked]\n"},
		{"Twice", "token=a&user=ada&x-api-key=b", "token=[masked]&user=ada&x-api-key=[masked]"},
		{"NoName", "spinning=1&authority=2&opt=3", "spinning=1&authority=2&opt=3"},
		{"Header", "GET / HTTP/1.1\r\nCookie: a=b; c=d\r\nHost: h", "GET / HTTP/1.1\r\nCookie: [masked]\r\nHost: h"},
		{"Form", "user=ada&password=abc", "user=ada&password=[masked]"},
		{"Error", "invalid session: Bearer abcdefgh was not known", "invalid session: Bearer [masked] was not known"},
		{"Prose", "the authorizer's policy does not allow it", "the authorizer's policy does not allow it"},
		{"AKeyThatIsOne", `{"sid=abc":1}`, `{"sid=[masked]":1}`},
		{"Number", "12", "12"},
		{"Nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Text(tt.in); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestText_Base64(t *testing.T) {
	for in, want := range map[string]string{
		`{"ticket":"abc","user":"ada"}`: `{"ticket":"[masked]","user":"ada"}`,
		`user=ada&password=abc`:         `user=ada&password=[masked]`,
	} {
		body, _ := json.Marshal(map[string]string{"body": base64.StdEncoding.EncodeToString([]byte(in))})
		var got struct{ Body []byte }
		if err := json.Unmarshal([]byte(Text(string(body))), &got); err != nil || string(got.Body) != want {
			t.Errorf("got %s, %v, want %s", got.Body, err, want)
		}
	}
	const plain = `{"body":"aGVsbG8gd29ybGQsIGhlbGxv"}`
	if got := Text(plain); got != plain {
		t.Errorf("without a credential: got %s, want it as it is", got)
	}
}

// nest puts a document into a string of another one, n times.
func nest(document string, n int) string {
	for range n {
		quoted, _ := json.Marshal(document)
		document = `{"body":` + string(quoted) + `}`
	}
	return document
}

func TestText_DeepIsMaskedWhole(t *testing.T) {
	for n := range 3 * maxDepth / 2 {
		if got := Text(nest(`{"token":"hunter2"}`, n)); strings.Contains(got, "hunter2") || !strings.Contains(got, Masked) {
			t.Errorf("%d deep: got %s", n, got)
		}
	}
	if got := Text(nest(`{"plain":"hunter2"}`, maxDepth)); strings.Contains(got, "hunter2") {
		t.Errorf("deeper than is looked into: got %s, want it masked", got)
	}
}

// Whatever stands around a credential, it does not show, and JSON stays JSON.
func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"", "a", `{"a":1}`, `[{"token":"x"}]`, `"{\"a\":\"b\"}"`, "Bearer abcdefgh", "a=b; c=d", "eyJhbGciOi", `{"a":"b`,
		"dXNlcj1hZGEmcGFzc3dvcmQ9YWJj", "\\", "\xff\"", `{"sid":{"a":[1,true,null]}}`,
	} {
		f.Add(seed, uint8(1))
	}
	const credential = "hUnTeR-2-hUnTeR"
	f.Fuzz(func(t *testing.T, around string, depth uint8) {
		out := Text(around)
		if json.Valid([]byte(around)) && !json.Valid([]byte(out)) {
			t.Fatalf("%q: got %q, which is no JSON", around, out)
		}
		if strings.Contains(strings.ToLower(around), strings.ToLower(credential)) {
			return
		}
		quoted, _ := json.Marshal(around)
		document := `{"before":` + string(quoted) + `,"headers":{"Cookie":"sessionid=` + credential + `","Authorization":"Bearer ` + credential +
			`","Sec-WebSocket-Protocol":"bellhop.v1, bellhop.bearer.` + credential + `"},"answer":[{"token":"` + credential + `"}],"after":` + string(quoted) + `}`
		for _, text := range []string{"token=" + credential + "&" + around, "Cookie: a=" + credential + "\r\n" + around, `{"token":"` + credential + `","` + around} {
			if got := Text(text); strings.Contains(got, credential) {
				t.Fatalf("%q: got %q", text, got)
			}
		}
		masked := Text(nest(document, int(depth%12)))
		if strings.Contains(masked, credential) || !json.Valid([]byte(masked)) {
			t.Fatalf("%q, %d deep: got %s", around, depth%12, masked)
		}
	})
}
