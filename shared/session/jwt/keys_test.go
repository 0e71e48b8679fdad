package jwt_test

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"bellhop/shared/session"
	"bellhop/shared/session/jwt"

	"github.com/go-jose/go-jose/v4"
)

// check verifies at a time and wants the error, nil for none; want may be
// errPassing: any error but ErrNotFound.
func check(t *testing.T, v *jwt.Verifier, token string, at time.Time, want error) {
	t.Helper()
	_, err := v.Verify(background, token, at)
	ok := errors.Is(err, want)
	if errors.Is(want, errPassing) {
		ok = err != nil && !errors.Is(err, session.ErrNotFound)
	}
	if !ok {
		t.Errorf("at %s: error %v, want %v", at.Sub(now), err, want)
	}
}

var errPassing = errors.New("a passing fault")

func (i *issuer) wantRequests(want int) {
	i.t.Helper()
	if got := i.requests(); got != want {
		i.t.Errorf("the keys were asked for %d times, want %d", got, want)
	}
}

func lasting(i *issuer) claims { return i.good(claims{"exp": now.Add(100 * time.Hour).Unix()}) }

func TestKeysAreRotated(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier(nil)
	first := i.sign(byA(), lasting(i))
	second := i.sign(header{jose.RS256, "b", rsaKeys()[1]}, lasting(i))
	check(t, v, first, now, nil)
	i.set(func() { i.keys = nil })
	i.publish("b", rsaKeys()[1])
	check(t, v, second, now.Add(31*time.Second), nil)
	i.wantRequests(2)
	check(t, v, first, now.Add(32*time.Second), session.ErrNotFound) // its key was withdrawn
}

// A withdrawn key is worth nothing after an hour, though no other was asked for.
func TestKeysAreAskedForAgainAfterAnHour(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier(nil)
	token := i.sign(byA(), lasting(i))
	check(t, v, token, now, nil)
	i.set(func() { i.keys = nil })
	i.publish("b", rsaKeys()[1])
	check(t, v, token, now.Add(59*time.Minute), nil)
	check(t, v, token, now.Add(time.Hour), session.ErrNotFound)
	i.wantRequests(2)
}

func TestAttack_FloodOfUnknownKeyIDs(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier(nil)
	check(t, v, i.sign(byA(), lasting(i)), now, nil)
	var wg sync.WaitGroup
	for n := range 50 {
		token := i.sign(header{jose.RS256, fmt.Sprint("unknown", n), rsaKeys()[1]}, lasting(i))
		wg.Go(func() {
			check(t, v, token, now.Add(time.Second), session.ErrNotFound)
			check(t, v, token, now.Add(30*time.Second), session.ErrNotFound)
		})
	}
	wg.Wait()
	i.wantRequests(2) // the first, and one after 30 s
}

func TestIssuerIsDown(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier(nil)
	token := i.sign(byA(), lasting(i))
	i.set(func() { i.down = true })
	check(t, v, token, now, errPassing)
	check(t, v, token, now.Add(999*time.Millisecond), errPassing) // waits 1 s
	i.wantRequests(1)
	check(t, v, token, now.Add(time.Second), errPassing)
	check(t, v, token, now.Add(2*time.Second), errPassing) // waits 2 s
	i.wantRequests(2)
	i.set(func() { i.down = false })
	check(t, v, token, now.Add(3*time.Second), nil)

	i.set(func() { i.down = true })
	for hours := 2; hours < 50; hours++ { // the keys that it has go on
		check(t, v, token, now.Add(time.Duration(hours)*time.Hour), nil)
	}
	unknown := i.sign(header{jose.RS256, "b", rsaKeys()[1]}, lasting(i))
	check(t, v, unknown, now.Add(60*time.Hour), errPassing) // nobody knows
}

func TestKeysThatAreNotUsed(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	i := newIssuer(t)
	i.publish("weak", weak)
	i.set(func() {
		i.keys = append(i.keys, jose.JSONWebKey{KeyID: "enc", Key: rsaKeys()[1].Public(), Use: "enc"},
			jose.JSONWebKey{KeyID: "ps", Key: rsaKeys()[1].Public(), Algorithm: "PS256"})
		i.extra = `{"kty":"future","kid":"f"}`
	})
	v := i.verifier(nil)
	check(t, v, i.sign(byA(), lasting(i)), now, nil) // beside a key of an unknown type
	for kid, key := range map[string]*rsa.PrivateKey{"enc": rsaKeys()[1], "ps": rsaKeys()[1], "weak": weak, "": rsaKeys()[0]} {
		check(t, v, i.sign(header{jose.RS256, kid, key}, lasting(i)), now, session.ErrNotFound)
	}
}

func TestDiscoveryOfAnotherIssuer(t *testing.T) {
	i := newIssuer(t)
	i.as = "https://evil.test"
	check(t, i.verifier(nil), i.sign(byA(), lasting(i)), now, errPassing)
	i.wantRequests(0)
}
