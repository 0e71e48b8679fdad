package jwt_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"bellhop/shared/session"
	"bellhop/shared/session/jwt"

	"github.com/go-jose/go-jose/v4"
)

func TestVerify(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier(nil)
	token := i.sign(byA(), i.good(nil))
	got, err := v.Verify(background, token, now)
	want := session.Vouched{
		User: "ada", Signed: token[:strings.LastIndex(token, ".")],
		Issued: time.Unix(now.Unix(), 0), Expires: time.Unix(now.Add(time.Hour).Unix(), 0),
	}
	if err != nil || got.User != want.User || got.Signed != want.Signed || !got.Issued.Equal(want.Issued) || !got.Expires.Equal(want.Expires) {
		t.Errorf("Verify = %+v, %v, want %+v", got, err, want)
	}
	for range 10 {
		if _, err := v.Verify(background, token, now); err != nil {
			t.Fatal(err)
		}
	}
	if n := i.requests(); n != 1 {
		t.Errorf("11 tokens asked for the keys %d times, want once", n)
	}
}

func unsigned(alg string, c claims) string {
	encode := func(v any) string {
		b, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	return encode(map[string]string{"alg": alg, "kid": "a", "typ": "JWT"}) + "." + encode(c) + "."
}

// Each token is refused as worth nothing, never as a passing fault.
func TestAttack_TokensThatAreRefused(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier(nil)
	good := i.sign(byA(), i.good(nil))
	head, rest, _ := strings.Cut(good, ".")
	_, signature, _ := strings.Cut(rest, ".")
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(rsaKeys()[0].Public())
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	forged, _, _ := strings.Cut(strings.TrimPrefix(unsigned("RS256", i.good(claims{"sub": "grace"})), head+"."), ".")
	with := func(c claims) string { return i.sign(byA(), i.good(c)) }
	for name, token := range map[string]string{
		"alg none":                       unsigned("none", i.good(nil)),
		"alg None":                       unsigned("None", i.good(nil)),
		"no signature":                   unsigned("RS256", i.good(nil)),
		"no alg":                         unsigned("", i.good(nil)),
		"HS256 with the public key, PEM": i.sign(header{jose.HS256, "a", public}, i.good(nil)),
		"HS256 with the public key, DER": i.sign(header{jose.HS256, "a", der}, i.good(nil)),
		"an algorithm not allowed":       i.sign(header{jose.RS512, "a", rsaKeys()[0]}, i.good(nil)),
		"another key of the same id":     i.sign(header{jose.RS256, "a", other}, i.good(nil)),
		"a key of the token's own":       i.ownKey(other),
		"other claims":                   head + "." + forged + "." + signature,
		"cut":                            good[:len(good)-8],
		"another issuer":                 with(claims{"iss": "https://evil.test"}),
		"the issuer with a slash":        with(claims{"iss": i.url + "/"}),
		"no issuer":                      with(claims{"iss": nil}),
		"another audience":               with(claims{"aud": "shop"}),
		"other audiences":                with(claims{"aud": []string{"shop", "bells"}}),
		"no audience":                    with(claims{"aud": nil}),
		"expired now":                    with(claims{"exp": now.Unix()}),
		"expired":                        with(claims{"exp": now.Add(-time.Hour).Unix()}),
		"no exp":                         with(claims{"exp": nil}),
		"exp of another type":            with(claims{"exp": "tomorrow"}),
		"nbf in the future":              with(claims{"nbf": now.Add(31 * time.Second).Unix()}),
		"iat in the future":              with(claims{"iat": now.Add(31 * time.Second).Unix()}),
		"no iat":                         with(claims{"iat": nil}),
		"no sub":                         with(claims{"sub": nil}),
		"an empty sub":                   with(claims{"sub": ""}),
		"a number as sub":                with(claims{"sub": 7}),
		"oversized":                      with(claims{"pad": strings.Repeat("x", session.MaxCredential)}),
		"dots":                           "..",
		"not base64":                     "a.b.c",
		"no JSON":                        "YQ.YQ.YQ",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := v.Verify(background, token, now); !errors.Is(err, session.ErrNotFound) || got.User != "" {
				t.Errorf("Verify = %+v, %v, want %v", got, err, session.ErrNotFound)
			}
		})
	}
	if _, err := v.Verify(background, good, now); err != nil {
		t.Errorf("the good one: %v, want no error", err)
	}
}

// ownKey is a token whose header brings the key that it was signed with.
func (i *issuer) ownKey(key *rsa.PrivateKey) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, &jose.SignerOptions{EmbedJWK: true})
	if err != nil {
		i.t.Fatal(err)
	}
	body, _ := json.Marshal(i.good(nil))
	signed, err := signer.Sign(body)
	if err != nil {
		i.t.Fatal(err)
	}
	text, _ := signed.CompactSerialize()
	return text
}

func TestWhatIsAccepted(t *testing.T) {
	i := newIssuer(t)
	ec := newECKey(t)
	i.publish("e", ec)
	both := func(s *jwt.Settings) { s.Algorithms, s.UserClaim = []string{"RS256", "ES256"}, "email" }
	for name, tt := range map[string]struct {
		token  string
		change func(*jwt.Settings)
		user   string
	}{
		"one of several audiences": {i.sign(byA(), i.good(claims{"aud": []string{"shop", "bell"}})), nil, "ada"},
		"a clock slightly ahead":   {i.sign(byA(), i.good(claims{"iat": now.Add(30 * time.Second).Unix(), "nbf": now.Add(30 * time.Second).Unix()})), nil, "ada"},
		"another claim":            {i.sign(byA(), i.good(claims{"email": "ada@example.com"})), both, "ada@example.com"},
		"another algorithm":        {i.sign(header{jose.ES256, "e", ec}, i.good(claims{"email": "e"})), both, "e"},
		"the set's own address":    {i.sign(byA(), i.good(nil)), func(s *jwt.Settings) { s.JWKSURL = i.url + "/keys" }, "ada"},
	} {
		got, err := i.verifier(tt.change).Verify(background, tt.token, now)
		if err != nil || got.User != tt.user {
			t.Errorf("%s: user %q, %v, want %q", name, got.User, err, tt.user)
		}
	}
}

func TestRecognises(t *testing.T) {
	v := jwt.New(jwt.Settings{Issuer: "https://login.example.com", Audience: "bell"}, nil)
	for token, want := range map[string]bool{"a.b.c": true, session.NewToken(): false, "a.b": false, "a.b.c.d.e": false, ".a:b:c.d.": false, "": false} {
		if got := v.Recognises(token); got != want {
			t.Errorf("Recognises(%q) = %v, want %v", token, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	good := jwt.Settings{Issuer: "https://login.example.com/", Audience: "bell"}
	for name, tt := range map[string]struct {
		change func(*jwt.Settings)
		ok     bool
	}{
		"good":            {func(*jwt.Settings) {}, true},
		"off":             {func(s *jwt.Settings) { *s = jwt.Settings{Audience: "x"} }, true},
		"no audience":     {func(s *jwt.Settings) { s.Audience = "" }, false},
		"HMAC":            {func(s *jwt.Settings) { s.Algorithms = []string{"RS256", "HS256"} }, false},
		"none":            {func(s *jwt.Settings) { s.Algorithms = []string{"none"} }, false},
		"http":            {func(s *jwt.Settings) { s.Issuer = "http://login.example.com" }, false},
		"http for keys":   {func(s *jwt.Settings) { s.JWKSURL = "http://login.example.com/keys" }, false},
		"file":            {func(s *jwt.Settings) { s.JWKSURL = "file:///etc/keys" }, false},
		"this machine":    {func(s *jwt.Settings) { s.Issuer = "http://localhost:9000" }, true},
		"not this one":    {func(s *jwt.Settings) { s.Issuer = "http://localhost.evil.test" }, false},
		"no URL":          {func(s *jwt.Settings) { s.Issuer = "https://%" }, false},
		"all that may be": {func(s *jwt.Settings) { s.Algorithms = strings.Fields("RS256 PS384 ES512 EdDSA") }, true},
	} {
		s := good
		tt.change(&s)
		if err := s.Check(); (err == nil) != tt.ok {
			t.Errorf("%s: %v, want ok %v", name, err, tt.ok)
		}
	}
}

func FuzzVerify(f *testing.F) {
	v := jwt.New(jwt.Settings{Issuer: "http://localhost:1", Audience: "bell"}, nil)
	f.Add(unsigned("none", claims{"sub": "ada"}))
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJIUzI1NiJ9.e30.YQ")
	f.Fuzz(func(t *testing.T, token string) {
		if got, err := v.Verify(background, token, now); err == nil {
			t.Errorf("%q was accepted as %+v", token, got)
		}
	})
}
