package push_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/shared/connections"
	"bellhop/shared/push"

	"github.com/google/go-cmp/cmp"
)

func row(id, session string, ready bool) connections.Connection {
	return connections.Connection{User: "ada", ID: id, Session: session, Ready: ready, Endpoint: "https://gateway/prod"}
}

func devices(g *fakeGateway, rows *fakeRows) (*push.Devices, *bytes.Buffer) {
	var log bytes.Buffer
	return &push.Devices{
		Rows: rows, Engine: &push.Engine{Gateway: g}, Now: time.Now,
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
	}, &log
}

func TestReadyPassesOverTheUnreadyAndTheOneNamed(t *testing.T) {
	rows := &fakeRows{rows: []connections.Connection{row("a", "s", true), row("b", "s", false), row("c", "s", true)}}
	d, _ := devices(&fakeGateway{}, rows)
	for except, want := range map[string][]string{"": {"a", "c"}, "a": {"c"}, "b": {"a", "c"}} {
		got, err := d.Ready(context.Background(), "ada", except)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, ids(got)); diff != "" || rows.askedFor != "ada" {
			t.Errorf("ready but for %q, of %q (-want +got):\n%s", except, rows.askedFor, diff)
		}
	}
	rows.err = errors.New("table is away")
	if _, err := d.Ready(context.Background(), "ada", ""); !errors.Is(err, rows.err) {
		t.Errorf("error %v, want the store's", err)
	}
}

func ids(rows []connections.Connection) []string {
	var list []string
	for _, r := range rows {
		list = append(list, r.ID)
	}
	return list
}

func TestSendCountsAndCleansUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := map[string]error{"gone": push.ErrGone, "large": push.ErrTooLarge, "odd": errors.New("no right"), "down": push.ErrUnavailable}
		g := &fakeGateway{post: func(_ context.Context, connection, _ string) error { return refused[connection] }}
		rows := &fakeRows{}
		d, log := devices(g, rows)
		to := []connections.Connection{row("a", "s", true), row("gone", "s", true), row("large", "s", true), row("b", "s", true), row("odd", "s", true), row("down", "s", true)}

		sent := d.Send(t.Context(), to, []byte("private words"))
		if sent.Reached != 2 || !sent.TooLarge {
			t.Errorf("sent %+v, want 2 reached and one too large", sent)
		}
		if diff := cmp.Diff([]string{"ada/gone"}, rows.deleted); diff != "" {
			t.Errorf("rows removed (-want +got):\n%s", diff)
		}
		if n := strings.Count(log.String(), "push failed"); n != 3 || strings.Contains(log.String(), "private words") {
			t.Errorf("log has %d failures, want 3, and no payload:\n%s", n, log)
		}
	})
}

func TestSendNothing(t *testing.T) {
	g := &fakeGateway{}
	d, _ := devices(g, &fakeRows{})
	if sent := d.Send(context.Background(), []connections.Connection{row("a", "s", true)}); sent.Reached != 0 || len(g.attempts) != 0 {
		t.Errorf("no frames: %+v in %d attempts, want nobody reached and nothing tried", sent, len(g.attempts))
	}
	if sent := d.Send(context.Background(), nil, []byte("1")); sent.Reached != 0 {
		t.Errorf("no rows: %+v, want nobody reached", sent)
	}
}

func TestARowThatCannotBeRemovedIsNoFailure(t *testing.T) {
	g := &fakeGateway{post: times(1, push.ErrGone)}
	d, log := devices(g, &fakeRows{err: errors.New("table is away")})
	if sent := d.Send(context.Background(), []connections.Connection{row("a", "s", true)}, []byte("1")); sent.Reached != 0 {
		t.Errorf("sent %+v, want nobody reached", sent)
	}
	if !strings.Contains(log.String(), "connection row not deleted") {
		t.Errorf("log %q, want a word of the row that stays", log)
	}
}

func TestCloseAllClosesWhatMatchesReadyOrNot(t *testing.T) {
	refusal := errors.New("no right to do this")
	g := &fakeGateway{shut: func(_ context.Context, connection string) error {
		return map[string]error{"gone": push.ErrGone, "odd": refusal}[connection]
	}}
	rows := &fakeRows{rows: []connections.Connection{
		row("a", "s1", true), row("other", "s2", true), row("new", "s1", false), row("gone", "s1", true), row("odd", "s1", true),
	}}
	d, _ := devices(g, rows)
	n, err := d.CloseAll(context.Background(), "ada", []byte("bye"), func(c connections.Connection) bool { return c.Session == "s1" })
	if n != 4 || !errors.Is(err, refusal) {
		t.Errorf("closed %d, error %v, want 4 and the refusal of one", n, err)
	}
	if diff := cmp.Diff([]string{"ada/a", "ada/new", "ada/gone"}, rows.deleted); diff != "" {
		t.Errorf("rows removed (-want +got):\n%s", diff)
	}
	if len(g.attempts["other"]) != 0 || !cmp.Equal(g.taken["a"], []string{"bye"}) {
		t.Errorf("other: %d attempts, a took %v, want the advice for those that match alone", len(g.attempts["other"]), g.taken["a"])
	}
}

func TestCloseAllOverABrokenStore(t *testing.T) {
	rows := &fakeRows{err: errors.New("table is away")}
	d, _ := devices(&fakeGateway{}, rows)
	if n, err := d.CloseAll(context.Background(), "ada", nil, func(connections.Connection) bool { return true }); n != 0 || !errors.Is(err, rows.err) {
		t.Errorf("closed %d, error %v, want none and the store's error", n, err)
	}
}
