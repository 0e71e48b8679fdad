package session_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"bellhop/shared/session"
)

func TestRevokeClosesBeforeItDeletes(t *testing.T) {
	ctx, store := context.Background(), newStore()
	_, s := signIn(t, store)
	away := errors.New("gateway is away")
	ended, err := session.Revoke(ctx, store, s.ID, func(got session.Session) error {
		if _, there := store.sessions[s.ID]; !there || got != s || len(store.asked) != 1 {
			t.Errorf("closing %+v after %v, want the session revoked and still there", got, store.asked)
		}
		return away
	})
	if !ended || !errors.Is(err, away) || len(store.sessions) != 1 {
		t.Errorf("Revoke = %v, %v with %d sessions left, want the fault, and all to do again", ended, err, len(store.sessions))
	}
	if ended, err = session.Revoke(ctx, store, s.ID, func(session.Session) error { return nil }); !ended || err != nil || len(store.sessions) != 0 {
		t.Errorf("Revoke again = %v, %v with %d sessions left, want it ended", ended, err, len(store.sessions))
	}
	never := func(session.Session) error { t.Error("closed for a session that is not there"); return nil }
	if ended, err = session.Revoke(ctx, store, s.ID, never); ended || err != nil {
		t.Errorf("Revoke of none = %v, %v, want false", ended, err)
	}
	store.err = errors.New("table is away")
	if ended, err = session.Revoke(ctx, store, s.ID, never); ended || !errors.Is(err, store.err) {
		t.Errorf("Revoke over a broken store = %v, %v, want its error", ended, err)
	}
}

func TestRenewIsBoundedByAge(t *testing.T) {
	for _, tt := range []struct {
		name     string
		life     session.Lifetime
		expires  time.Duration // from now
		ttl      time.Duration
		want     time.Duration // from now; 0: ErrNotFound
		extended bool
	}{
		{"later", session.Lifetime{}, time.Minute, time.Hour, time.Hour, true},
		{"never earlier", session.Lifetime{}, time.Hour, time.Minute, time.Hour, false},
		{"up to its age", session.Lifetime{MaxAge: 2 * time.Hour}, time.Minute, 3 * time.Hour, time.Hour, true},
		{"over", session.Lifetime{}, 0, time.Hour, 0, false},
	} {
		store := newStore()
		s := session.Session{ID: "s", User: "ada", Created: now.Add(-time.Hour), Expires: now.Add(tt.expires)}
		store.sessions["s"] = s
		got, err := tt.life.Renew(context.Background(), store, "s", now, tt.ttl)
		if tt.want == 0 {
			if !errors.Is(err, session.ErrNotFound) {
				t.Errorf("%s: error %v, want %v", tt.name, err, session.ErrNotFound)
			}
			continue
		}
		if err != nil || !got.Expires.Equal(now.Add(tt.want)) || (store.sessions["s"] != s) != tt.extended {
			t.Errorf("%s: ends %v (%v), want %v from now, written %v", tt.name, got.Expires.Sub(now), err, tt.want, tt.extended)
		}
	}
}

func TestSlideMovesByATenthAtLeast(t *testing.T) {
	const idle = time.Hour
	for _, tt := range []struct {
		name  string
		life  session.Lifetime
		id    string
		left  time.Duration // before
		want  time.Duration // after
		moved bool
	}{
		{"off", session.Lifetime{}, "s", time.Minute, time.Minute, false},
		{"near the end", session.Lifetime{Idle: idle}, "s", time.Minute, idle, true},
		{"a tenth passed", session.Lifetime{Idle: idle}, "s", 54 * time.Minute, idle, true},
		{"less than that", session.Lifetime{Idle: idle}, "s", 54*time.Minute + time.Second, 54*time.Minute + time.Second, false},
		{"never earlier", session.Lifetime{Idle: idle}, "s", 2 * time.Hour, 2 * time.Hour, false},
		{"up to its age", session.Lifetime{Idle: idle, MaxAge: 90 * time.Minute}, "s", time.Minute, 30 * time.Minute, true},
		{"at its age", session.Lifetime{Idle: idle, MaxAge: 90 * time.Minute}, "s", 30 * time.Minute, 30 * time.Minute, false},
		{"of another", session.Lifetime{Idle: idle}, "jwt.1.2.x.YQ", time.Minute, time.Minute, false},
	} {
		store := newStore()
		s := session.Session{ID: tt.id, User: "ada", Created: now.Add(-time.Hour), Expires: now.Add(tt.left)}
		store.sessions[tt.id] = s
		got, moved, err := tt.life.Slide(t.Context(), store, s, now)
		if err != nil || moved != tt.moved || !got.Expires.Equal(now.Add(tt.want)) || store.sessions[tt.id] != got {
			t.Errorf("%s: %v left, moved %v (%v), want %v, %v", tt.name, got.Expires.Sub(now), moved, err, tt.want, tt.moved)
		}
	}
	gone := session.Session{ID: "gone", Expires: now.Add(time.Minute)}
	if _, _, err := (session.Lifetime{Idle: idle}).Slide(t.Context(), newStore(), gone, now); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("one that was revoked meanwhile: %v, want %v", err, session.ErrNotFound)
	}
}
