package jwt

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"bellhop/shared/session"

	"github.com/go-jose/go-jose/v4"
)

const (
	keepKeys    = time.Hour        // then they are asked for again
	betweenAsks = 30 * time.Second // for ids that are not known
	firstPause  = time.Second      // after a failure; doubles
	longPause   = time.Minute
	maxDocument = 256 << 10 // bytes
	askTimeout  = 3 * time.Second
)

// keySet is the issuer's keys as they were last seen.
type keySet struct {
	issuer, url string
	client      *http.Client

	mu      sync.Mutex // never held while a request is under way
	keys    []jose.JSONWebKey
	fetched time.Time // of keys; zero: never
	next    time.Time // no request before
	pause   time.Duration
	failure error // of the latest request

	asking sync.Mutex // held by who asks: the others wait, and look again
}

func newKeySet(s Settings, client *http.Client) *keySet {
	if client == nil {
		client = http.DefaultClient
	}
	own := *client
	own.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if len(via) > 3 {
			return errors.New("too many redirects")
		}
		return checkURL(r.URL.String())
	}
	return &keySet{issuer: s.Issuer, url: s.JWKSURL, client: &own}
}

// checkURL wants https; http goes to this machine alone.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return errors.New("not a URL")
	}
	loopback := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	if u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback) {
		return errors.New("a URL with https is wanted")
	}
	return nil
}

// find gives the key that a token's header asks for.
func (k *keySet) find(ctx context.Context, h jose.Header, now time.Time) (any, error) {
	if key, state := k.look(h, now); state == known {
		return key, nil
	}
	k.asking.Lock()
	key, state := k.look(h, now) // another may have asked in the meantime
	if state != known && state != wait {
		k.refresh(ctx, now)
		key, _ = k.look(h, now)
	}
	k.asking.Unlock()
	if key != nil {
		return key, nil
	}
	return nil, k.absence()
}

// What look found.
const (
	known = iota // a key, fresh
	ask          // no key, or an old one: the issuer may be asked
	wait         // no key, or an old one, and it is too early to ask
)

func (k *keySet) look(h jose.Header, now time.Time) (key any, state int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key = k.match(h)
	switch {
	case key != nil && now.Sub(k.fetched) < keepKeys:
		return key, known
	case now.Before(k.next):
		return key, wait
	}
	return key, ask
}

// match finds the one key of the header's id. Without an id the set must hold
// one key alone.
func (k *keySet) match(h jose.Header) any {
	for _, key := range k.keys {
		sameID := h.KeyID == key.KeyID || h.KeyID == "" && len(k.keys) == 1
		sameUse := (key.Use == "" || key.Use == "sig") && (key.Algorithm == "" || key.Algorithm == h.Algorithm)
		if sameID && sameUse {
			return key.Key
		}
	}
	return nil
}

// absence says why there is no key: the token's fault, or the issuer's.
func (k *keySet) absence() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failure != nil {
		return fmt.Errorf("keys of %s: %w", k.issuer, k.failure)
	}
	return session.ErrNotFound
}

// refresh asks the issuer, and keeps the keys that it has where that fails.
func (k *keySet) refresh(ctx context.Context, now time.Time) {
	keys, err := k.fetch(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.failure = err
	if err != nil {
		k.pause = min(max(2*k.pause, firstPause), longPause)
		k.next = now.Add(k.pause)
		return
	}
	k.keys, k.fetched, k.pause, k.next = keys, now, 0, now.Add(betweenAsks)
}

func (k *keySet) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	address := k.url
	if address == "" {
		var err error
		if address, err = k.discover(ctx); err != nil {
			return nil, err
		}
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := k.get(ctx, address, &set); err != nil {
		return nil, err
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		// Keys of unknown types are passed over (RFC 7517 §5).
		if json.Unmarshal(raw, &key) == nil && key.IsPublic() && strong(key.Key) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("the set has no usable key")
	}
	return keys, nil
}

func strong(key any) bool {
	public, ok := key.(*rsa.PublicKey)
	return !ok || public.N.BitLen() >= 2048
}

// discover asks for the set's address. Source: OpenID Connect Discovery §4.
func (k *keySet) discover(ctx context.Context) (string, error) {
	var document struct {
		Issuer string `json:"issuer"`
		JWKS   string `json:"jwks_uri"`
	}
	if err := k.get(ctx, strings.TrimSuffix(k.issuer, "/")+"/.well-known/openid-configuration", &document); err != nil {
		return "", err
	}
	if document.Issuer != k.issuer {
		return "", errors.New("the discovery document is another issuer's")
	}
	return document.JWKS, checkURL(document.JWKS)
}

func (k *keySet) get(ctx context.Context, address string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	res, err := k.client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d", address, res.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxDocument+1))
	if err != nil {
		return err
	}
	if len(body) > maxDocument {
		return fmt.Errorf("%s is longer than %d bytes", address, maxDocument)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%s: %w", address, err)
	}
	return nil
}
