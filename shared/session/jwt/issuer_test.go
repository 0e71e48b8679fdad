package jwt_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"bellhop/shared/session/jwt"

	"github.com/go-jose/go-jose/v4"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)

// rsaKeys are made once: two are enough for every test.
var rsaKeys = sync.OnceValue(func() (keys [2]*rsa.PrivateKey) {
	for i := range keys {
		keys[i], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return keys
})

// issuer publishes keys as an OpenID Connect provider does.
type issuer struct {
	t   *testing.T
	url string

	mu     sync.Mutex
	keys   []jose.JSONWebKey
	down   bool
	as     string // issuer that the discovery document names; "": this one
	asked  int    // requests for keys
	extra  string // a further member of the set
	client *http.Client
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{t: t}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET /keys", i.serveKeys)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	i.url, i.client = server.URL, server.Client()
	i.publish("a", rsaKeys()[0])
	return i
}

func (i *issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	name := i.as
	if name == "" {
		name = i.url
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"issuer": name, "jwks_uri": i.url + "/keys"})
}

func (i *issuer) serveKeys(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked++
	if i.down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	set := []any{}
	for _, k := range i.keys {
		set = append(set, k)
	}
	if i.extra != "" {
		set = append(set, json.RawMessage(i.extra))
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": set})
}

// publish adds the public half of a key.
func (i *issuer) publish(id string, key crypto.Signer) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = append(i.keys, jose.JSONWebKey{KeyID: id, Key: key.Public(), Use: "sig"})
}

func (i *issuer) set(change func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change()
}

func (i *issuer) requests() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked
}

func (i *issuer) verifier(change func(*jwt.Settings)) *jwt.Verifier {
	i.t.Helper()
	s := jwt.Settings{Issuer: i.url, Audience: "bell"}
	if change != nil {
		change(&s)
	}
	if err := s.Check(); err != nil {
		i.t.Fatal(err)
	}
	return jwt.New(s, i.client)
}

type claims map[string]any

// good is what the issuer says of ada.
func (i *issuer) good(change claims) claims {
	c := claims{"iss": i.url, "aud": "bell", "sub": "ada", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	for name, value := range change {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
	return c
}

// header says how to sign.
type header struct {
	alg jose.SignatureAlgorithm
	kid string
	key any
}

var byA = func() header { return header{jose.RS256, "a", rsaKeys()[0]} }

func (i *issuer) sign(h header, c claims) string {
	i.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: h.alg, Key: jose.JSONWebKey{Key: h.key, KeyID: h.kid}}, nil)
	if err != nil {
		i.t.Fatal(err)
	}
	body, err := json.Marshal(c)
	if err != nil {
		i.t.Fatal(err)
	}
	signed, err := signer.Sign(body)
	if err != nil {
		i.t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		i.t.Fatal(err)
	}
	return text
}

func newECKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

var background = context.Background()
