package session_test

import (
	"context"
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"bellhop/shared/session"
)

var now = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)

// signIn makes a session of ada's that ends an hour after now.
func signIn(t *testing.T, store *fakeStore) (token string, s session.Session) {
	t.Helper()
	token, s, err := session.Create(context.Background(), store, session.Session{User: "ada", Created: now, Expires: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return token, s
}

func TestTokensHave256Bits(t *testing.T) {
	seen := map[string]bool{}
	var or, and [32]byte
	for i := range and {
		and[i] = 0xff
	}
	for range 1000 {
		token := session.NewToken()
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || len(raw) != 32 || seen[token] {
			t.Fatalf("token of %d bytes (error %v, seen before: %v), want 32 new ones", len(raw), err, seen[token])
		}
		seen[token] = true
		for i, b := range raw {
			or[i], and[i] = or[i]|b, and[i]&b
		}
	}
	for i := range or {
		if or[i] != 0xff || and[i] != 0 {
			t.Errorf("byte %d of the tokens has bits that never change: or %08b, and %08b", i, or[i], and[i])
		}
	}
}

func TestCreateStoresNoToken(t *testing.T) {
	store := newStore()
	token, s := signIn(t, store)
	if len(s.ID) != 43 || s.ID != session.ID(token) || s.ID == token {
		t.Errorf("session id %q, want the 43 characters of the token's hash", s.ID)
	}
	if got := store.sessions[s.ID]; got != s {
		t.Errorf("stored %+v, want %+v", got, s)
	}
}

func TestAuthenticate(t *testing.T) {
	store := newStore()
	token, s := signIn(t, store)
	fromCookie := func(secret string) session.Credential {
		return session.Credential{Secret: secret, Source: session.FromCookie}
	}
	tests := []struct {
		name       string
		credential session.Credential
		at         time.Time
		want       error
	}{
		{"token", fromCookie(token), now, nil},
		{"token in its last moment", fromCookie(token), s.Expires.Add(-1), nil},
		{"token at the session's end", fromCookie(token), s.Expires, session.ErrNotFound},
		{"unknown token", fromCookie(session.NewToken()), now, session.ErrNotFound},
		{"the public id instead of the token", fromCookie(s.ID), now, session.ErrNotFound},
		{"empty", session.Credential{Source: session.FromHeader}, now, session.ErrNotFound},
		{"token as a ticket", session.Credential{Secret: token, Source: session.FromTicket}, now, session.ErrNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := session.Authenticate(context.Background(), store, tt.credential, tt.at)
			if !errors.Is(err, tt.want) || (err == nil && got != s) || (err != nil && got != session.Session{}) {
				t.Errorf("Authenticate = %+v, %v, want error %v", got, err, tt.want)
			}
		})
	}
	for _, asked := range store.asked {
		if asked == token || asked == "" {
			t.Errorf("the store was asked for %q, want hashes alone", asked)
		}
	}
}

func TestTicketIsWorthOneUseWithin30Seconds(t *testing.T) {
	ctx, store := context.Background(), newStore()
	_, s := signIn(t, store)
	issue := func(s session.Session) session.Credential {
		token, ticket, err := session.IssueTicket(ctx, store, s, now)
		if err != nil || ticket.Expires.After(now.Add(30*time.Second)) || ticket.ID == token {
			t.Fatalf("IssueTicket = %+v, %v, want one that ends within 30 s", ticket, err)
		}
		return session.Credential{Secret: token, Source: session.FromTicket}
	}
	check := func(what string, c session.Credential, at time.Time, want error) {
		t.Helper()
		if got, err := session.Authenticate(ctx, store, c, at); !errors.Is(err, want) || (err == nil && got != s) {
			t.Errorf("%s: %+v, %v, want error %v", what, got, err, want)
		}
	}
	first := issue(s)
	check("a ticket as a token", session.Credential{Secret: first.Secret, Source: session.FromCookie}, now, session.ErrNotFound)
	check("first use", first, now.Add(29*time.Second), nil)
	check("second use", first, now, session.ErrNotFound)

	late := issue(s)
	check("after 30 s", late, now.Add(30*time.Second), session.ErrNotFound)
	check("used up by being late", late, now, session.ErrNotFound)

	orphan := issue(s)
	if _, err := session.Revoke(ctx, store, s.ID, func(session.Session) error { return nil }); err != nil {
		t.Fatal(err)
	}
	check("of a session that was revoked", orphan, now, session.ErrNotFound)
}

func TestStoreFailureIsNotARefusal(t *testing.T) {
	store := newStore()
	store.err = errors.New("table is away")
	for _, source := range []session.Source{session.FromCookie, session.FromTicket} {
		_, err := session.Authenticate(context.Background(), store, session.Credential{Secret: "x", Source: source}, now)
		if !errors.Is(err, store.err) || errors.Is(err, session.ErrNotFound) {
			t.Errorf("from %s: error %v, want the store's own", source, err)
		}
	}
}
