package integration

import (
	"encoding/json"
	"errors"
	"testing"
)

// A result is either refused or has a status, whatever a function returns.
func FuzzProxyResult(f *testing.F) {
	for _, s := range []string{
		`{"statusCode":200,"body":"x","headers":{"Sec-WebSocket-Protocol":"a"}}`, `null`, ``, `{`, `"x"`, `[]`, ` {"statusCode" : 200 } `,
		`{"statusCode":200,"multiValueHeaders":{"sec-websocket-protocol":["a","b"]}}`, `{"statusCode":2e2}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, result []byte) {
		a, err := parseProxyResult(result)
		switch {
		case err != nil:
			if !errors.Is(err, ErrFailed) {
				t.Errorf("error: got %v", err)
			}
		case !a.None && (a.Status < 200 || a.Status > 599 || !json.Valid(result)):
			t.Errorf("%s: accepted with status %d", result, a.Status)
		}
	})
}
