// Package jwt verifies JSON Web Tokens of an OpenID Connect provider or of any
// issuer that publishes its keys as a JWK set: by algorithm, signature, issuer,
// audience and time (RFC 7519, RFC 8725, OpenID Connect Core §3.1.3.7).
//
// # Promises
//
// Only the algorithms of the allow-list count, and these are asymmetric ones:
// neither "none" nor an HMAC with a public key is ever accepted. Keys come from
// the issuer's set alone; what a token's header says of keys (jwk, jku, x5u) is
// not looked at. iss must equal the issuer, aud must name the audience; exp,
// iat and the claim that names the user must be there, nbf may be. The issuer's
// clock may be 30 s ahead; exp is exact.
//
// Keys are kept for an hour, and longer while the issuer cannot be reached. A
// key id that is not known asks the issuer once, and then not again for 30 s,
// whatever other ids arrive: a flood of tokens is no flood of requests. After a
// failure it waits 1 s, then twice as long each time, up to 60 s.
//
// # Limits
//
// A token has at most session.MaxCredential bytes (4,096). A key set and a
// discovery document have at most 256 KB; both together take at most 3 s. RSA
// keys have at least 2,048 bits. There are no goroutines in the background: a
// Lambda function that is frozen would lose them.
//
// # Errors
//
// session.ErrNotFound where the token is worth nothing; any other error where
// the keys could not be had.
//
// Read next: keys.go, then package session.
package jwt

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"bellhop/shared/session"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// skew is how far the issuer's clock may be ahead.
const skew = 30 * time.Second

// Algorithms are those that can be allowed.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
	jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// Settings say whose tokens count.
type Settings struct {
	Issuer     string   // iss, to the letter; "" turns it off
	Audience   string   // one that aud must name
	JWKSURL    string   // https; "" means the issuer's discovery document names it
	Algorithms []string // allowed ones; none means RS256
	UserClaim  string   // a string claim; "" means sub
}

// Check finds what is wrong with the settings.
func (s Settings) Check() error {
	if s.Issuer == "" {
		return nil
	}
	var errs []error
	if s.Audience == "" {
		errs = append(errs, errors.New("an issuer without an audience: tokens for other applications would count"))
	}
	for _, a := range s.Algorithms {
		if !slices.Contains(algorithms, jose.SignatureAlgorithm(a)) {
			errs = append(errs, fmt.Errorf("%q is no asymmetric algorithm of RFC 7518 or RFC 8037", a))
		}
	}
	for _, u := range []string{s.Issuer, s.JWKSURL} {
		if u != "" {
			errs = append(errs, checkURL(u))
		}
	}
	return errors.Join(errs...)
}

// Verifier checks tokens of one issuer. It implements session.Verifier.
type Verifier struct {
	settings Settings
	allowed  []jose.SignatureAlgorithm
	keys     *keySet
}

var _ session.Verifier = (*Verifier)(nil)

// New makes a verifier of settings that Check has no fault with. It calls the
// issuer when the first token comes. A nil client means one of its own.
func New(s Settings, client *http.Client) *Verifier {
	if s.UserClaim == "" {
		s.UserClaim = "sub"
	}
	if len(s.Algorithms) == 0 {
		s.Algorithms = []string{string(jose.RS256)}
	}
	v := &Verifier{settings: s, keys: newKeySet(s, client)}
	for _, a := range s.Algorithms {
		v.allowed = append(v.allowed, jose.SignatureAlgorithm(a))
	}
	return v
}

// Kind implements session.Verifier.
func (v *Verifier) Kind() string { return session.KindJWT }

// Recognises implements session.Verifier: header, payload and signature.
func (v *Verifier) Recognises(token string) bool {
	return strings.Count(token, ".") == 2 && !strings.Contains(token, ":")
}

// Verify implements session.Verifier. It calls the issuer only when keys are
// missing or an hour old.
func (v *Verifier) Verify(ctx context.Context, token string, now time.Time) (session.Vouched, error) {
	parsed, err := v.parse(token)
	if err != nil {
		return session.Vouched{}, session.ErrNotFound
	}
	key, err := v.keys.find(ctx, parsed.Headers[0], now)
	if err != nil {
		return session.Vouched{}, err
	}
	var claims jwt.Claims
	var all map[string]any
	if parsed.Claims(key, &claims, &all) != nil {
		return session.Vouched{}, session.ErrNotFound
	}
	user, _ := all[v.settings.UserClaim].(string)
	if user == "" || !v.valid(claims, now) {
		return session.Vouched{}, session.ErrNotFound
	}
	return session.Vouched{
		User: user, Signed: token[:strings.LastIndexByte(token, '.')],
		Issued: claims.IssuedAt.Time(), Expires: claims.Expiry.Time(),
	}, nil
}

func (v *Verifier) parse(token string) (*jwt.JSONWebToken, error) {
	if len(token) > session.MaxCredential {
		return nil, session.ErrNotFound
	}
	return jwt.ParseSigned(token, v.allowed)
}

// valid checks the registered claims. The library's own check passes over a
// time that is missing.
func (v *Verifier) valid(c jwt.Claims, now time.Time) bool {
	return c.Issuer == v.settings.Issuer && c.Audience.Contains(v.settings.Audience) &&
		c.Expiry != nil && now.Before(c.Expiry.Time()) &&
		c.IssuedAt != nil && !c.IssuedAt.Time().After(now.Add(skew)) &&
		(c.NotBefore == nil || !c.NotBefore.Time().After(now.Add(skew)))
}
