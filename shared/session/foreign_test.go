package session_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/shared/session"
)

// SessionsOfUser lists marks, too, as the stores do.
func (f *fakeStore) SessionsOfUser(_ context.Context, user string) (ids []string, err error) {
	for id, s := range f.sessions {
		if s.User == user {
			ids = append(ids, id)
		}
	}
	return ids, f.err
}

// notary vouches for tokens of the form user.issued, where issued is "early" or
// "late".
type notary struct{ err error }

func (notary) Kind() string                 { return session.KindJWT }
func (notary) Recognises(token string) bool { return strings.Contains(token, ".") }

func (n notary) Verify(_ context.Context, token string, _ time.Time) (session.Vouched, error) {
	user, issued, _ := strings.Cut(token, ".")
	v := session.Vouched{User: user, Signed: token, Issued: now, Expires: now.Add(time.Hour)}
	if issued == "late" {
		v.Issued = now.Add(time.Second)
	}
	return v, n.err
}

func gate(store *fakeStore) session.Gate {
	return session.Gate{Reader: store, Verifiers: []session.Verifier{notary{}}}
}

func ask(t *testing.T, g session.Gate, secret string, source session.Source) (session.Session, error) {
	t.Helper()
	return g.Authenticate(context.Background(), session.Credential{Secret: secret, Source: source}, now.Add(time.Second))
}

func TestGateTakesBothKinds(t *testing.T) {
	store := newStore()
	token, row := signIn(t, store)
	if got, err := ask(t, gate(store), token, session.FromCookie); err != nil || got != row {
		t.Errorf("token of the table: %+v, %v, want %+v", got, err, row)
	}
	for _, source := range []session.Source{session.FromHeader, session.FromSubprotocol, session.FromCookie} {
		got, err := ask(t, gate(store), "ada.early", source)
		if err != nil || got.User != "ada" || !got.Created.Equal(now) || !got.Expires.Equal(now.Add(time.Hour)) || !session.Foreign(got.ID) || session.Foreign(row.ID) {
			t.Errorf("signed token from %s: %+v, %v, want ada's for an hour", source, got, err)
		}
		again, err := session.Active(context.Background(), store, got.ID, now)
		if err != nil || again != got {
			t.Errorf("by its id: %+v, %v, want %+v", again, err, got)
		}
		if _, err = session.Active(context.Background(), store, got.ID, now.Add(time.Hour)); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("by its id at its end: %v, want %v", err, session.ErrNotFound)
		}
	}
	if _, err := ask(t, gate(store), "ada.early", session.FromTicket); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("signed token as a ticket: %v, want %v", err, session.ErrNotFound)
	}
}

// A public id opens nothing, whatever it looks like.
func TestAttack_IDsAreNoTokens(t *testing.T) {
	store := newStore()
	s, err := ask(t, gate(store), "ada.early", session.FromCookie)
	if err != nil {
		t.Fatal(err)
	}
	if err := session.RevokeEveryForeign(context.Background(), store, "grace", now); err != nil {
		t.Fatal(err)
	}
	for id := range store.sessions {
		for _, g := range []session.Gate{{Reader: store}, gate(store)} {
			if got, err := session.Authenticate(context.Background(), g, session.Credential{Secret: id, Source: session.FromCookie}, now); err == nil {
				t.Errorf("the mark %s is taken as %+v", id, got)
			}
		}
		if got, err := session.Active(context.Background(), store, id, now); err == nil {
			t.Errorf("the mark %s is a session: %+v", id, got)
		}
	}
	if got, err := ask(t, session.Gate{Reader: store}, s.ID, session.FromCookie); err == nil {
		t.Errorf("the id %s is taken as %+v", s.ID, got)
	}
}

func TestUsersThatAreNone(t *testing.T) {
	for _, user := range []string{"", strings.Repeat("u", session.MaxUser+1), "a\nb", "a\x00"} {
		if got, err := ask(t, gate(newStore()), user+".early", session.FromCookie); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("user %q: %+v, %v, want %v", user, got, err, session.ErrNotFound)
		}
	}
	longest := strings.Repeat("u", session.MaxUser)
	if got, err := ask(t, gate(newStore()), longest+".early", session.FromCookie); err != nil || len(got.ID) > session.MaxID {
		t.Errorf("the longest user: id of %d bytes, %v, want at most %d", len(got.ID), err, session.MaxID)
	}
}

func TestRevokeEveryForeign(t *testing.T) {
	ctx, store := context.Background(), newStore()
	_, row := signIn(t, store)
	early, _ := ask(t, gate(store), "ada.early", session.FromCookie)
	if err := session.RevokeEveryForeign(ctx, store, "ada", now.Add(time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	ids, _ := store.SessionsOfUser(ctx, "ada")
	if got := session.Rows(ids); len(ids) != 2 || !slices.Equal(got, []string{row.ID}) {
		t.Errorf("rows of %v: %v, want the one that is no mark", ids, got)
	}
	if !session.EndedBefore(early.ID, now) || session.EndedBefore(early.ID, now.Add(-time.Second)) || session.EndedBefore(row.ID, now) {
		t.Error("EndedBefore is not what was issued up to then")
	}
	for secret, want := range map[string]error{"ada.early": session.ErrNotFound, "ada.late": nil, "grace.early": nil} {
		if _, err := ask(t, gate(store), secret, session.FromCookie); !errors.Is(err, want) {
			t.Errorf("%s afterwards: %v, want %v", secret, err, want)
		}
	}
	if _, err := session.Active(ctx, store, early.ID, now); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("the session of a handshake under way: %v, want %v", err, session.ErrNotFound)
	}
}

func TestRevokeForeignEndsOne(t *testing.T) {
	ctx, store := context.Background(), newStore()
	early, _ := ask(t, gate(store), "ada.early", session.FromCookie)
	late, _ := ask(t, gate(store), "ada.late", session.FromCookie)
	for _, id := range []string{late.ID, late.ID} {
		ended, ok, err := session.RevokeForeign(ctx, store, id, now) // before it was issued, by this clock
		if err != nil || !ok || ended != late {
			t.Errorf("RevokeForeign = %+v, %v, %v, want %+v", ended, ok, err, late)
		}
	}
	if _, err := ask(t, gate(store), "ada.late", session.FromCookie); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("afterwards: %v, want %v", err, session.ErrNotFound)
	}
	if _, err := ask(t, gate(store), "ada.early", session.FromCookie); err != nil {
		t.Errorf("the other one: %v, want no error", err)
	}
	for _, id := range []string{"jwt.1.2.x.YQ", "user.YQ", "a.b", "jwt....", early.ID + ".x", "other" + early.ID[3:]} {
		if ended, ok, err := session.RevokeForeign(ctx, store, id, now); err != nil || ok {
			t.Errorf("RevokeForeign(%s) = %+v, %v, want nothing", id, ended, err)
		}
	}
}

func TestSessionsOfOthersAreBounded(t *testing.T) {
	v := session.Vouched{User: "ada", Issued: now, Expires: now.Add(10 * session.MaxTTL)}
	g := session.Gate{Reader: newStore(), Verifiers: []session.Verifier{fixed{v}}}
	got, err := ask(t, g, "x", session.FromCookie)
	if want := now.Add(session.MaxTTL); err != nil || !got.Expires.Equal(want) {
		t.Errorf("a token for ten years: %+v, %v, want until %s", got, err, want)
	}
}

type fixed struct{ v session.Vouched }

func (fixed) Kind() string           { return session.KindDjango }
func (fixed) Recognises(string) bool { return true }
func (f fixed) Verify(context.Context, string, time.Time) (session.Vouched, error) {
	return f.v, nil
}

func TestPassingFaultsAreNoRefusals(t *testing.T) {
	away := errors.New("away")
	store := newStore()
	if _, err := ask(t, session.Gate{Reader: store, Verifiers: []session.Verifier{notary{away}}}, "ada.early", session.FromCookie); !errors.Is(err, away) {
		t.Errorf("the issuer is away: %v, want %v", err, away)
	}
	store.err = away
	if _, err := ask(t, gate(store), "ada.early", session.FromCookie); !errors.Is(err, away) {
		t.Errorf("the table is away: %v, want %v", err, away)
	}
	if err := session.RevokeEveryForeign(context.Background(), store, "ada", now); !errors.Is(err, away) {
		t.Errorf("RevokeEveryForeign: %v, want %v", err, away)
	}
}
