package demo

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const created = `{"token":"secret-token","session":"s1","user":"ada","expires":"2026-11-26T10:00:00Z"}`

func sessions(result string) *invoker {
	return &invoker{answers: map[string]string{"bellhop-sessions": result}}
}

func wantCalls(t *testing.T, i *invoker, payloads ...string) {
	t.Helper()
	var want []call
	for _, p := range payloads {
		want = append(want, call{"bellhop-sessions", p})
	}
	if diff := cmp.Diff(want, i.calls, cmp.AllowUnexported(call{})); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func wantCookies(t *testing.T, a answer, want ...string) {
	t.Helper()
	var got []string
	for _, c := range a.cookies {
		got = append(got, fmt.Sprintf("%s=%s path=%s age=%d script=%v lax=%v", c.Name, c.Value, c.Path, c.MaxAge, !c.HttpOnly, c.SameSite == http.SameSiteLaxMode))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cookies (-want +got):\n%s", diff)
	}
}

func TestSignIn(t *testing.T) {
	i := sessions(created)
	a := send(t, New(i, Options{}), post("/demo/sign-in", `{"user":"ada"}`))
	if a.status != 200 || a.body != `{"user":"ada"}` {
		t.Errorf("got %d %s, want the user and no token", a.status, a.body)
	}
	wantCookies(t, a,
		"sessionid=secret-token path=/ age=86400 script=false lax=true",
		"bellhop_demo_user=ada path=/ age=86400 script=true lax=true")
	wantCalls(t, i, `{"op":"create","user":"ada","ttl":86400}`)
}

// A browser has one session at a time.
func TestSignIn_EndsTheSessionBefore(t *testing.T) {
	i := sessions(created)
	send(t, New(i, Options{CookieName: "sid"}), post("/demo/sign-in", `{"user":"grace"}`, "Cookie: sid=before"))
	wantCalls(t, i, `{"op":"create","user":"grace","ttl":86400}`, `{"op":"revoke","token":"before"}`)
}

func TestSignIn_OnlyDemoUsers(t *testing.T) {
	i := sessions(created)
	d := New(i, Options{})
	for _, body := range []string{`{"user":"mallory"}`, `{"user":""}`, `{}`, `[]`, `{"user":7}`} {
		a := send(t, d, post("/demo/sign-in", body))
		wantError(t, a, 400, "invalid_request")
		wantCookies(t, a)
	}
	wantCalls(t, i)
}

func TestSignIn_FunctionRefuses(t *testing.T) {
	for result, want := range map[string]struct {
		status int
		code   string
	}{
		`{"error":{"code":"invalid_request","message":"ttl: max","temporary":false}}`: {400, "invalid_request"},
		`{}`:       {500, "internal"},
		`not JSON`: {500, "internal"},
	} {
		a := send(t, New(sessions(result), Options{}), post("/demo/sign-in", `{"user":"ada"}`))
		wantError(t, a, want.status, want.code)
		wantCookies(t, a)
	}
}

func TestSignOut(t *testing.T) {
	i := sessions(`{"revoked":1}`)
	a := send(t, New(i, Options{}), post("/demo/sign-out", `{}`, "Cookie: sessionid=secret-token; bellhop_demo_user=ada"))
	if a.status != 200 {
		t.Errorf("got %d %s, want 200", a.status, a.body)
	}
	wantCalls(t, i, `{"op":"revoke","token":"secret-token"}`)
	wantCookies(t, a,
		"sessionid= path=/ age=0 script=false lax=true",
		"bellhop_demo_user= path=/ age=0 script=true lax=true")
	for _, c := range a.cookies {
		if c.Expires.IsZero() || c.Expires.Year() > 2010 {
			t.Errorf("cookie %s: expires %v, want a time long past", c.Name, c.Expires)
		}
	}
}

func TestSignOut_WithoutSession(t *testing.T) {
	i := sessions(`{"revoked":0}`)
	if a := send(t, New(i, Options{}), post("/demo/sign-out", `{}`)); a.status != 200 || len(a.cookies) != 2 {
		t.Errorf("got %d and %d cookies, want 200 and both cleared", a.status, len(a.cookies))
	}
	wantCalls(t, i)
}
