package service_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/client"
	"bellhop/localdev/service"
	"bellhop/shared/handler"
	"bellhop/shared/session"
)

// handshake sends header lines as they stand and gives the status; 0 says that
// the server closed without one.
func (e *env) handshake(t *testing.T, query string, lines ...string) int {
	t.Helper()
	conn, err := net.Dial("tcp", e.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	head := append([]string{
		"GET " + service.SocketPath + query + " HTTP/1.1", "Host: localhost:8000", "Connection: Upgrade", "Upgrade: websocket",
		"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: aGVsbG8tZW11bGF0b3IhIQ==",
	}, lines...)
	if _, err := conn.Write([]byte(strings.Join(head, "\r\n") + "\r\n\r\n")); err != nil {
		return 0 // it would not read all of it
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

const fromPage = "Origin: " + page

// attack is a handshake by its header lines, with the good token for $TOKEN.
type attack struct {
	name  string
	lines []string
	want  int
}

func (e *env) try(t *testing.T, token string, attacks []attack) {
	t.Helper()
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			var lines []string
			for _, l := range a.lines {
				lines = append(lines, strings.ReplaceAll(l, "$TOKEN", token))
			}
			if got := e.handshake(t, "", lines...); got != a.want {
				t.Errorf("got %d, want %d", got, a.want)
			}
		})
	}
}

// A page of another site has the browser's cookie sent along, and its own
// origin with it.
func TestAttack_CrossSiteHijacking(t *testing.T) {
	const cookie = "Cookie: sessionid=$TOKEN"
	e := start(t, service.Options{Parameters: map[string]string{
		"AllowedOrigins": "https://example.com,.shop.test,https://xn--bcher-kva.example,http://[2001:db8::1]:8080",
	}})
	e.try(t, e.signIn("ada").Token, []attack{
		{"the site itself", []string{"Origin: https://example.com", cookie}, 101},
		{"foreign", []string{"Origin: https://evil.test", cookie}, 403},
		{"missing", []string{cookie}, 403},
		{"empty", []string{"Origin: ", cookie}, 403},
		{"null, as of a sandboxed frame or a file", []string{"Origin: null", cookie}, 403},
		{"another scheme", []string{"Origin: http://example.com", cookie}, 403},
		{"another port", []string{"Origin: https://example.com:8443", cookie}, 403},
		{"the scheme's port spelt out", []string{"Origin: https://example.com:443", cookie}, 101},
		{"mixed case", []string{"Origin: HTTPS://EXAMPLE.com", cookie}, 101},
		{"a trailing dot", []string{"Origin: https://example.com.", cookie}, 403},
		{"a name in front", []string{"Origin: https://evil-example.com", cookie}, 403},
		{"a name behind", []string{"Origin: https://example.com.evil.test", cookie}, 403},
		{"a user in front", []string{"Origin: https://example.com@evil.test", cookie}, 403},
		{"a backslash", []string{`Origin: https://evil.test\.example.com`, cookie}, 403},
		{"a path", []string{"Origin: https://evil.test/https://example.com", cookie}, 403},
		{"below a wildcard", []string{"Origin: https://a.b.shop.test", cookie}, 101},
		{"beside a wildcard", []string{"Origin: https://notshop.test", cookie}, 403},
		{"punycode", []string{"Origin: https://xn--bcher-kva.example", cookie}, 101},
		{"punycode of another name", []string{"Origin: https://xn--bchr-0ra.example", cookie}, 403},
		{"the bytes of the name", []string{"Origin: https://bücher.example", cookie}, 403},
		{"IPv6", []string{"Origin: http://[2001:db8::1]:8080", cookie}, 101},
		{"IPv6, another port", []string{"Origin: http://[2001:db8::1]", cookie}, 403},
		{"IPv6, another address", []string{"Origin: http://[2001:db8::2]:8080", cookie}, 403},
		{"IPv6, not closed", []string{"Origin: http://[2001:db8::1:8080", cookie}, 403},
		{"two, the foreign one last", []string{"Origin: https://example.com", "Origin: https://evil.test", cookie}, 403},
		// As in Channels the last counts. A browser sends one, and no page adds another.
		{"two, the foreign one first", []string{"Origin: https://evil.test", "Origin: https://example.com", cookie}, 101},
		{"the older name of the header", []string{"Sec-WebSocket-Origin: https://example.com", cookie}, 403},
		{"a referer instead", []string{"Referer: https://example.com/", cookie}, 403},
		{"a forwarded host", []string{"Origin: https://evil.test", "X-Forwarded-Host: evil.test", "Forwarded: host=evil.test", cookie}, 403},
	})
}

func TestAttack_Headers(t *testing.T) {
	long := strings.Repeat("x", session.MaxCredential+1)
	e := start(t, service.Options{})
	e.try(t, e.signIn("ada").Token, []attack{
		{"good", []string{fromPage, "Cookie: sessionid=$TOKEN"}, 101},
		{"quoted cookie", []string{fromPage, `Cookie: sessionid="$TOKEN"`}, 101},
		{"oversized cookie", []string{fromPage, "Cookie: sessionid=$TOKEN" + long}, 403},
		{"oversized bearer", []string{fromPage, "Authorization: Bearer " + long}, 403},
		{"oversized subprotocol", []string{fromPage, "Sec-WebSocket-Protocol: bellhop.bearer." + long + long}, 403},
		{"empty cookie", []string{fromPage, "Cookie: sessionid="}, 403},
		{"cookie without a name", []string{fromPage, "Cookie: =$TOKEN"}, 403},
		{"cookie of another case", []string{fromPage, "Cookie: SESSIONID=$TOKEN"}, 403},
		{"cookie with what cannot be in one", []string{fromPage, "Cookie: sessionid=$TOKEN\x01"}, 400},
		{"cookie with a null byte", []string{fromPage, "Cookie: sessionid=$TOKEN\x00"}, 400},
		{"bearer with a comma", []string{fromPage, "Authorization: Bearer $TOKEN, $TOKEN"}, 403},
		{"two bearers, the good one last", []string{fromPage, "Authorization: Bearer x", "Authorization: Bearer $TOKEN"}, 403},
		{"two bearers, the good one first", []string{fromPage, "Authorization: Bearer $TOKEN", "Authorization: Bearer x"}, 403},
		{"a bearer that is none beside a good cookie", []string{fromPage, "Authorization: Bearer", "Cookie: sessionid=$TOKEN"}, 403},
		{"an injected line in another header", []string{fromPage, "X-A: b\r\nCookie: sessionid=x", "X-C: sessionid=$TOKEN"}, 403},
		{"a folded line", []string{fromPage, "X-A: b\r\n Cookie: sessionid=$TOKEN"}, 403},
		{"a bare carriage return", []string{fromPage, "X-A: b\rCookie: sessionid=$TOKEN"}, 400},
	})
	// More than the server reads gets no socket, whatever the status.
	if got := e.handshake(t, "", fromPage, "X-Padding: "+strings.Repeat("x", 1<<20)); got == http.StatusSwitchingProtocols {
		t.Errorf("1 MB of headers: got %d, want a refusal", got)
	}
}

// Of cookies of one name the last counts, as in Django, and a refused one is
// never made good by another. So a subdomain that tosses a cookie of its own at
// most makes the browser see the tosser's inbox, or none: never the tosser
// another's. The prefix __Host- keeps browsers from taking it at all.
func TestAttack_CookieTossing(t *testing.T) {
	e := start(t, service.Options{})
	mallory, ada := e.signIn("mallory").Token, e.signIn("ada").Token
	e.try(t, ada, []attack{
		{"a bad one first", []string{fromPage, "Cookie: sessionid=bad; sessionid=$TOKEN"}, 101},
		{"a bad one last", []string{fromPage, "Cookie: sessionid=$TOKEN; sessionid=bad"}, 403},
		{"a bad one last, in a header of its own", []string{fromPage, "Cookie: sessionid=$TOKEN", "Cookie: sessionid=bad"}, 403},
		{"an empty one last", []string{fromPage, "Cookie: sessionid=$TOKEN; sessionid="}, 403},
	})
	for cookies, want := range map[string]string{
		"sessionid=" + mallory + "; sessionid=" + ada: "ada",
		"sessionid=" + ada + "; sessionid=" + mallory: "mallory",
	} {
		if w := e.dial(client.Options{Cookie: cookies, Origin: page}).Welcome(); w.User != want {
			t.Errorf("two good cookies: got the inbox of %q, want that of the last, %q", w.User, want)
		}
	}
	prefixed := start(t, service.Options{Parameters: map[string]string{"SessionCookieName": "__Host-sessionid"}})
	token := prefixed.signIn("ada").Token
	prefixed.try(t, token, []attack{
		{"the prefixed name", []string{fromPage, "Cookie: sessionid=bad; __Host-sessionid=$TOKEN; sessionid=bad"}, 101},
		{"the bare name", []string{fromPage, "Cookie: sessionid=$TOKEN"}, 403},
		{"the prefix in another case", []string{fromPage, "Cookie: __host-sessionid=$TOKEN"}, 403},
	})
}

// A token that somebody chose is never one: create makes its own, and takes
// none.
func TestAttack_SessionFixation(t *testing.T) {
	e := start(t, service.Options{})
	const chosen = "chosen-by-the-attacker-0123456789abcdefghij"
	var created handler.Created
	e.invoke("bellhop-sessions", `{"op":"create","user":"ada","token":"`+chosen+`","session":"`+session.ID(chosen)+`"}`, &created)
	if created.Token == chosen || created.Session == session.ID(chosen) {
		t.Errorf("created %+v with a chosen token", created)
	}
	if again := e.signIn("ada"); again.Token == created.Token || again.Session == created.Session {
		t.Errorf("two sign-ins share the session %s", again.Session)
	}
	e.wantRefused(t, asPage(chosen))
	// Neither a handshake nor an HTTP request makes a session of what it brings.
	if r := e.request(t, call{method: "GET", path: "/notifications", bearer: chosen}); r.status != http.StatusUnauthorized || r.header.Get("Set-Cookie") != "" {
		t.Errorf("HTTP with a chosen token: got %d and cookie %q, want 401 and none", r.status, r.header.Get("Set-Cookie"))
	}
	e.wantRefused(t, asPage(chosen))
}

func TestAttack_Tickets(t *testing.T) {
	e := start(t, service.Options{})
	signedIn := e.signIn("ada")
	used := e.ticket(signedIn.Token)
	if got := e.handshake(t, "?ticket="+used, fromPage); got != 101 {
		t.Fatalf("first use: got %d, want 101", got)
	}
	spent := e.ticket(signedIn.Token)
	if got := e.handshake(t, "?ticket="+spent, "Origin: https://evil.test"); got != 403 {
		t.Errorf("stolen by a page of another site: got %d, want 403", got)
	}
	for name, tt := range map[string]struct {
		query string
		lines []string
	}{
		"replayed":                      {"?ticket=" + used, []string{fromPage}},
		"replayed beside a good cookie": {"?ticket=" + used, []string{fromPage, "Cookie: sessionid=" + signedIn.Token}},
		"a token as a ticket":           {"?ticket=" + signedIn.Token, []string{fromPage}},
		"a public id as a ticket":       {"?ticket=" + signedIn.Session, []string{fromPage}},
		"the ticket as a cookie":        {"", []string{fromPage, "Cookie: sessionid=" + e.ticket(signedIn.Token)}},
		"the ticket as a bearer":        {"", []string{fromPage, "Authorization: Bearer " + e.ticket(signedIn.Token)}},
		"a token in the URL":            {"?token=" + signedIn.Token + "&sessionid=" + signedIn.Token, []string{fromPage}},
		"two, a bad one last":           {"?ticket=" + e.ticket(signedIn.Token) + "&ticket=x", []string{fromPage}},
		"another spelling of the name":  {"?Ticket=" + e.ticket(signedIn.Token), []string{fromPage}},
	} {
		if got := e.handshake(t, tt.query, tt.lines...); got != 403 {
			t.Errorf("%s: got %d, want 403", name, got)
		}
	}
	// A URL of more than 4,096 characters has API Gateway's own answer.
	if got := e.handshake(t, "?ticket="+strings.Repeat("x", session.MaxCredential+1), fromPage); got != http.StatusRequestURITooLong {
		t.Errorf("oversized: got %d, want 414", got)
	}
	orphan := e.ticket(signedIn.Token)
	e.invoke("bellhop-sessions", `{"op":"revoke","session":"`+signedIn.Session+`"}`, new(handler.Revoked))
	if got := e.handshake(t, "?ticket="+orphan, fromPage); got != 403 {
		t.Errorf("of a session that was revoked: got %d, want 403", got)
	}
}

// A cookie that the browser adds by itself changes nothing from a foreign page;
// what a script must add on purpose is not forged.
func TestAttack_CrossSiteRequests(t *testing.T) {
	e := start(t, service.Options{})
	token := e.signIn("ada").Token
	e.publish(order("ada", "One", ""))
	for _, path := range []string{"/notifications/mark", "/tickets"} {
		body := `{"state":"read","items":[1]}`
		for _, origin := range []string{"", "null", "https://evil.test", "http://localhost.evil.test", page + "@evil.test"} {
			r := e.request(t, call{method: "POST", path: path, body: body, cookie: token, origin: origin})
			if r.status != http.StatusForbidden {
				t.Errorf("%s from %q: got %d, want 403", path, origin, r.status)
			}
		}
		if r := e.request(t, call{method: "GET", path: path, cookie: token, origin: "https://evil.test"}); r.status != http.StatusNotFound {
			t.Errorf("GET %s: got %d, want 404", path, r.status)
		}
	}
	r := e.request(t, call{method: "GET", path: "/notifications", cookie: token, origin: "https://evil.test"})
	if r.text("unread") != "1" || r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("reading: got %s with %q, want it untouched and out of the foreign page's reach", r.body, r.header.Get("Access-Control-Allow-Origin"))
	}
	for name, value := range map[string]string{"limit": "1&limit=x", "before": fmt.Sprint(1 << 60)} {
		if r := e.request(t, call{method: "GET", path: "/notifications?" + name + "=" + value, bearer: token}); r.status != http.StatusBadRequest {
			t.Errorf("%s=%s: got %d, want 400", name, value, r.status)
		}
	}
}
