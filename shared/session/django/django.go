// Package django verifies the session cookie of a Django site that keeps its
// sessions in signed cookies (SESSION_ENGINE =
// "django.contrib.sessions.backends.signed_cookies"), with the site's own
// SECRET_KEY. It decides as Django does; the tests hold it against Django.
//
// The cookie is <payload>:<base62 time>:<signature>. The key of the HMAC-SHA256
// is SHA-256(salt + "signer" + SECRET_KEY); the payload is JSON in base64url, or
// compressed by zlib where it begins with a dot. Source: django/core/signing.py
// and django/contrib/sessions/backends/signed_cookies.py of Django 5.2.
//
// # What is not checked
//
// Django compares _auth_user_hash with the user's password hash, which only the
// site has. So a changed password, or a user who is no longer active, is not
// seen here before the cookie's age ends: the site should revoke the user's
// sessions then (the sessions function, op revoke, by user).
//
// Signing out deletes the cookie in the browser alone, here as in Django: a copy
// stays good until its age ends, unless the site revokes.
//
// # Limits
//
// JSON only. A payload of PickleSerializer is refused: to read one is to run
// what it says, so that SECRET_KEY would be the right to run code here; Django
// itself has dropped it (5.0). A payload has at most 64 KB when decompressed. A
// cookie whose time is more than a minute ahead is refused, which Django allows:
// it would outlive a revocation.
//
// Errors: session.ErrNotFound alone. Read next: package session.
package django

import (
	"compress/zlib"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"time"

	"bellhop/shared/session"
)

// Defaults, as in Django's settings.
const (
	DefaultSalt = "django.contrib.sessions.backends.signed_cookies"
	DefaultAge  = 14 * 24 * time.Hour
)

const (
	maxPayload = 64 << 10 // bytes, decompressed
	skew       = time.Minute
	alphabet   = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	latestTime = 1 << 40 // seconds; far beyond any date that is meant
)

// Settings are those of the site.
type Settings struct {
	SecretKey string        // SECRET_KEY; "" turns it off
	Fallbacks []string      // SECRET_KEY_FALLBACKS
	CookieAge time.Duration // SESSION_COOKIE_AGE
	Salt      string
}

// Verifier checks cookies. It implements session.Verifier.
type Verifier struct {
	keys [][]byte
	age  time.Duration
}

var _ session.Verifier = (*Verifier)(nil)

// New makes a verifier. A zero age or salt means Django's default.
func New(s Settings) *Verifier {
	if s.Salt == "" {
		s.Salt = DefaultSalt
	}
	if s.CookieAge == 0 {
		s.CookieAge = DefaultAge
	}
	v := &Verifier{age: s.CookieAge}
	for _, secret := range append([]string{s.SecretKey}, s.Fallbacks...) {
		if secret != "" {
			key := sha256.Sum256([]byte(s.Salt + "signer" + secret))
			v.keys = append(v.keys, key[:])
		}
	}
	return v
}

// Kind implements session.Verifier.
func (v *Verifier) Kind() string { return session.KindDjango }

// Recognises implements session.Verifier: no other token has colons.
func (v *Verifier) Recognises(token string) bool { return strings.Count(token, ":") == 2 }

// Verify implements session.Verifier. It calls nobody.
func (v *Verifier) Verify(_ context.Context, token string, now time.Time) (session.Vouched, error) {
	end := strings.LastIndexByte(token, ':')
	if end < 0 || !v.signed(token[:end], token[end+1:]) {
		return session.Vouched{}, session.ErrNotFound
	}
	payload, stamp, _ := strings.Cut(token[:end], ":")
	issued, ok := readTime(stamp)
	if !ok || now.Sub(issued) > v.age || issued.Sub(now) > skew {
		return session.Vouched{}, session.ErrNotFound
	}
	user, ok := userOf(payload)
	if !ok {
		return session.Vouched{}, session.ErrNotFound
	}
	return session.Vouched{User: user, Signed: token[:end], Issued: issued, Expires: issued.Add(v.age)}, nil
}

// signed compares the signature's characters, as Django does: no second
// spelling of it is good.
func (v *Verifier) signed(text, signature string) bool {
	for _, key := range v.keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(text))
		want := base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
		if hmac.Equal([]byte(want), []byte(signature)) {
			return true
		}
	}
	return false
}

// readTime reads seconds since 1970 in base 62.
func readTime(text string) (time.Time, bool) {
	var seconds int64
	for i := range len(text) {
		digit := strings.IndexByte(alphabet, text[i])
		if digit < 0 || seconds > latestTime {
			return time.Time{}, false
		}
		seconds = seconds*62 + int64(digit)
	}
	return time.Unix(seconds, 0), text != ""
}

func userOf(payload string) (string, bool) {
	encoded, compressed := strings.CutPrefix(payload, ".")
	data, err := base64.RawURLEncoding.DecodeString(encoded)
	if err == nil && compressed {
		data, err = decompress(data)
	}
	var stored struct {
		User string `json:"_auth_user_id"`
	}
	if err != nil || json.Unmarshal(data, &stored) != nil {
		return "", false
	}
	return stored.User, stored.User != ""
}

func decompress(data []byte) ([]byte, error) {
	r, err := zlib.NewReader(strings.NewReader(string(data)))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	out, err := io.ReadAll(io.LimitReader(r, maxPayload+1))
	if err == nil && len(out) > maxPayload {
		return nil, io.ErrShortBuffer
	}
	return out, err
}
