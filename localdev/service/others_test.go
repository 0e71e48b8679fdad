package service_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/client"
	"bellhop/localdev/service"
	"bellhop/shared/handler"
	"bellhop/shared/protocol"
	"bellhop/shared/session/django"

	"github.com/coder/websocket"
	"github.com/go-jose/go-jose/v4"
)

// provider signs tokens, and publishes its key.
type provider struct {
	t   *testing.T
	url string
	key *rsa.PrivateKey
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var answer any = map[string]string{"issuer": p.url, "jwks_uri": p.url + "/keys"}
		if r.URL.Path == "/keys" {
			answer = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{KeyID: "k", Key: key.Public(), Use: "sig"}}}
		}
		w.Header().Set("Connection", "close")
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// parameters let the provider's tokens in, and a Django site's.
func (p *provider) parameters() map[string]string {
	return map[string]string{"JwtIssuer": p.url, "JwtAudience": "bell", "DjangoSecretKey": "s3cret"}
}

// token is for an hour, issued at a time.
func (p *provider) token(user string, issued time.Time) string {
	p.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: p.key, KeyID: "k"}}, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"iss": p.url, "aud": "bell", "sub": user, "iat": issued.Unix(), "exp": issued.Add(time.Hour).Unix()})
	if err != nil {
		p.t.Fatal(err)
	}
	signed, err := signer.Sign(body)
	if err != nil {
		p.t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

// djangoCookie is what Django's signed_cookies engine sets; package django is
// held against Django itself.
func djangoCookie(secret, user string, issued time.Time) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	stamp := ""
	for n := issued.Unix(); n > 0; n /= 62 {
		stamp = string(digits[n%62]) + stamp
	}
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"_auth_user_id":"`+user+`"}`)) + ":" + stamp
	key := sha256.Sum256([]byte(django.DefaultSalt + "signer" + secret))
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte(signed))
	return signed + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// others is a service that takes tokens of a provider and of a Django site.
func others(t *testing.T) (*env, *provider) {
	t.Helper()
	p := newProvider(t)
	return start(t, service.Options{Parameters: p.parameters()}), p
}

func TestTokensOfOthers_WaysIn(t *testing.T) {
	e, p := others(t)
	before := time.Now().Add(-time.Minute)
	token := p.token("ada", before)
	for name, o := range map[string]client.Options{
		"Bearer":       {Bearer: token, Origin: page},
		"Subprotocol":  {Protocol: token, Origin: page},
		"Cookie":       asPage(token),
		"Ticket":       {Ticket: e.ticket(token), Origin: page},
		"DjangoCookie": asPage(djangoCookie("s3cret", "ada", before)),
		"DjangoTicket": {Ticket: e.ticket(djangoCookie("s3cret", "ada", before)), Origin: page},
		"StoredToo":    asPage(e.signIn("ada").Token),
	} {
		t.Run(name, func(t *testing.T) {
			w := e.dial(o).Welcome()
			if w.User != "ada" {
				t.Errorf("user: got %q, want ada", w.User)
			}
			if strings.Contains(name, "Django") || name == "StoredToo" {
				return
			}
			if want := before.Add(time.Hour).Truncate(time.Second); !w.Expires.Equal(want) {
				t.Errorf("expires: got %s, want the token's %s", w.Expires, want)
			}
		})
	}
	e.wantRefused(t, client.Options{Bearer: token, Origin: "https://evil.test"})
	e.wantRefused(t, client.Options{Bearer: token[:len(token)-6], Origin: page})
	e.wantRefused(t, asPage(djangoCookie("another", "ada", before)))
	e.wantRefused(t, asPage(djangoCookie("s3cret", "ada", before.Add(-15*24*time.Hour))))
	e.wantRefused(t, client.Options{Bearer: p.token("ada", before.Add(-2*time.Hour)), Origin: page})

	e.publish(order("ada", "One", ""))
	if r := e.request(t, call{method: "GET", path: "/notifications", bearer: token}); r.status != 200 || r.text("user") != "ada" || r.text("unread") != "1" {
		t.Errorf("HTTP: got %d %s, want ada's inbox", r.status, r.body)
	}
	if r := e.request(t, call{method: "POST", path: "/tickets", cookie: token, origin: "https://evil.test"}); r.status != http.StatusForbidden {
		t.Errorf("HTTP by cookie from a foreign page: got %d, want 403", r.status)
	}
}

func TestTokensOfOthers_AreOffByDefault(t *testing.T) {
	e, p := start(t, service.Options{}), newProvider(t)
	e.wantRefused(t, client.Options{Bearer: p.token("ada", time.Now()), Origin: page})
	e.wantRefused(t, asPage(djangoCookie("", "ada", time.Now())))
}

// Signing a user out closes the sockets of every kind of session; what is issued
// later is good.
func TestTokensOfOthers_RevokeByUser(t *testing.T) {
	e, p := others(t)
	before := time.Now().Add(-time.Minute)
	token, cookie := p.token("ada", before), djangoCookie("s3cret", "ada", before)
	ticket := e.ticket(token)
	stored := e.signIn("ada")
	devices := []device{
		e.dial(client.Options{Bearer: token, Origin: page}), e.dial(asPage(cookie)), e.dial(asPage(stored.Token)),
	}
	grace := e.dial(client.Options{Bearer: p.token("grace", before), Origin: page})
	for _, d := range append(devices, grace) {
		d.next()
	}
	var done handler.Revoked
	if e.invoke("bellhop-sessions", `{"op":"revoke","user":"ada"}`, &done); done.Revoked != 1 {
		t.Errorf("revoked: got %d, want the one that has a row", done.Revoked)
	}
	for i, d := range devices {
		if c := d.next(); c.Disconnect == nil || c.Disconnect.Code != protocol.SessionRevoked {
			t.Errorf("device %d: got %+v, want the advice never to come back", i, c)
		}
		if err := d.wantEnd(); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
			t.Errorf("device %d: end %v, want close code 1000", i, err)
		}
	}
	e.wantRefused(t, client.Options{Bearer: token, Origin: page})
	e.wantRefused(t, asPage(cookie))
	e.wantRefused(t, client.Options{Ticket: ticket, Origin: page})
	if r := e.request(t, call{method: "GET", path: "/notifications", bearer: token}); r.status != http.StatusUnauthorized {
		t.Errorf("HTTP afterwards: got %d, want 401", r.status)
	}
	e.publish(`{"users":["grace"],"notification":` + event("Still here", "") + `}`)
	grace.wantTitle("Still here")
	later := time.Now().Add(2 * time.Second) // the provider's clock may be ahead
	e.dial(client.Options{Bearer: p.token("ada", later), Origin: page})
	e.dial(asPage(djangoCookie("s3cret", "ada", later)))
}

// A revocation that races the handshake wins at hello.
func TestTokensOfOthers_RevokedBeforeHello(t *testing.T) {
	e, p := others(t)
	c := e.raw(t, p.token("ada", time.Now().Add(-time.Minute)))
	e.publish(order("ada", "Secret", ""))
	e.invoke("bellhop-sessions", `{"op":"revoke","user":"ada"}`, new(handler.Revoked))
	_ = c.Write(within(t), websocket.MessageText, []byte(`{"type":"hello","id":"1"}`)) // it may be closed already
	for {
		_, data, err := c.Read(within(t))
		if err != nil {
			return
		}
		frame, err := protocol.DecodeServer(data)
		if _, ok := frame.(*protocol.Disconnect); !ok {
			t.Errorf("got %s, %v, want nothing but a disconnect frame", data, err)
		}
	}
}

// One session of several is ended by its public id.
func TestTokensOfOthers_RevokeOne(t *testing.T) {
	e, p := others(t)
	before := time.Now().Add(-time.Minute)
	one, other := p.token("ada", before), p.token("ada", before.Add(time.Second))
	first, second := e.dial(client.Options{Bearer: one, Origin: page}), e.dial(client.Options{Bearer: other, Origin: page})
	first.next()
	second.next()
	sum := sha256.Sum256([]byte(one[:strings.LastIndex(one, ".")]))
	id := fmt.Sprintf("jwt.%d.%d.%s.%s", before.Unix(), before.Add(time.Hour).Unix(),
		base64.RawURLEncoding.EncodeToString(sum[:12]), base64.RawURLEncoding.EncodeToString([]byte("ada")))
	var done handler.Revoked
	if e.invoke("bellhop-sessions", `{"op":"revoke","session":"`+id+`"}`, &done); done.Revoked != 1 {
		t.Errorf("revoked: got %d, want 1", done.Revoked)
	}
	first.wantEnd()
	e.wantRefused(t, client.Options{Bearer: one, Origin: page})
	e.publish(order("ada", "Still here", ""))
	second.wantTitle("Still here")
	if e.invoke("bellhop-sessions", `{"op":"revoke","session":"jwt.1.2.x.YQ"}`, &done); done.Revoked != 0 {
		t.Errorf("revoked an ended one: got %d, want 0", done.Revoked)
	}
}
