package dynamostore_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"bellhop/shared/inbox"
	"bellhop/shared/limit"
	"bellhop/shared/session"
	"bellhop/shared/store/dynamostore"
	"bellhop/shared/store/dynamotest"
)

// Whoever revokes a session must learn whose sockets to close.
func TestDeleteSessionAfterALostReply(t *testing.T) {
	store, faults := faulty(t)
	want := session.Session{ID: "s1", User: "ann", Created: now(), Expires: now()}
	if err := store.PutSession(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	faults.Next("DeleteItem", dynamotest.Cut().AfterStoring())
	got, err := store.DeleteSession(t.Context(), "s1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if _, err := store.Session(t.Context(), "s1"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("read it again: got error %v, want %v", err, session.ErrNotFound)
	}
}

// What was counted before the reply was lost is not counted again.
func TestLimitsAreSwappedOnceWhenAReplyIsLost(t *testing.T) {
	store, faults := faulty(t)
	change := limit.Change{Next: limit.State{Full: now().Add(time.Second), Version: "v1"}, Now: now()}
	faults.Next("PutItem", dynamotest.Cut().AfterStoring())
	if stands, err := store.Swap(t.Context(), "ann", change); err != nil {
		t.Errorf("got error %v, %+v stands, want it done", err, stands)
	}
	change.Next.Version = "v2"
	if stands, err := store.Swap(t.Context(), "ann", change); !errors.Is(err, limit.ErrConflict) || stands.Version != "v1" {
		t.Errorf("got error %v, %+v stands, want %v and v1", err, stands, limit.ErrConflict)
	}
	faults.Next("PutItem", dynamotest.Error(400, "AccessDeniedException", "no"))
	if _, err := store.Swap(t.Context(), "ann", change); err == nil || errors.Is(err, limit.ErrConflict) || !strings.Contains(err.Error(), "ann") {
		t.Errorf("got error %v, want one that names the user and is no conflict", err)
	}
}

func TestTicketIsSpentByALostReply(t *testing.T) {
	store, faults := faulty(t)
	if err := store.PutTicket(t.Context(), session.Ticket{ID: "t1", Session: "s1"}); err != nil {
		t.Fatal(err)
	}
	faults.Next("DeleteItem", dynamotest.Cut().AfterStoring())
	if _, err := store.TakeTicket(t.Context(), "t1"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("got error %v, want %v", err, session.ErrNotFound)
	}
}

// A session's id never leads to a ticket.
func TestTicketIsNoSession(t *testing.T) {
	store, _ := faulty(t)
	if err := store.PutTicket(t.Context(), session.Ticket{ID: "t1", Session: "s1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Session(t.Context(), "ticket#t1"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("read: got error %v, want %v", err, session.ErrNotFound)
	}
	if _, err := store.DeleteSession(t.Context(), "ticket#t1"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("delete: got error %v, want %v", err, session.ErrNotFound)
	}
	if _, err := store.TakeTicket(t.Context(), "t1"); err != nil {
		t.Errorf("take it: %v", err)
	}
}

// Errors name the operation and the key, and are no conflict.
func TestErrorsNameWhatFailed(t *testing.T) {
	store, faults := faulty(t)
	begin(t, store, "ann")
	for _, operation := range []string{"GetItem", "BatchGetItem", "Query", "PutItem", "DeleteItem", "TransactWriteItems"} {
		faults.Always(operation, dynamotest.Error(400, "AccessDeniedException", "not granted"))
	}
	ctx := t.Context()
	for want, do := range map[string]action{
		"load from the log of ann": load(inbox.Want{Items: []int64{1}}),
		"query the log of ann":     query(inbox.ByChange),
		"commit to the log of ann": commit(appended(inbox.Head{Epoch: "e"})),
		"read connections of ann":  connectionsOf("ann"),
		"read session s1":          readSession,
		"list sessions of ann":     listSessions,
		"delete session s1":        deleteSession,
		"put ticket t1":            putTicket,
		"take ticket t1":           takeTicket,
	} {
		err := do(ctx, store)
		if err == nil || !strings.HasPrefix(err.Error(), want) || errors.Is(err, inbox.ErrConflict) {
			t.Errorf("got error %v, want one that begins with %q", err, want)
		}
	}
}

// What was acknowledged outlives the engine's sudden end.
func TestAcknowledgedSurvivesAKill(t *testing.T) {
	engine := dynamotest.Start(t, dynamotest.Options{Path: t.TempDir() + "/tables"})
	cfg := engine.Config()
	cfg.Retryer = quickRetries
	client, tables := dynamodb.NewFromConfig(cfg), dynamostore.Tables{Inbox: "inbox", Connections: "connections", Sessions: "sessions"}
	create(t, client, tables)
	store := dynamostore.New(client, tables)

	head := begin(t, store, "ann")
	for range 20 {
		c := appended(head)
		if err := store.Commit(t.Context(), "ann", c); err != nil {
			t.Fatal(err)
		}
		head = c.Head
	}
	engine.Kill()
	if err := store.Commit(t.Context(), "ann", appended(head)); err == nil || errors.Is(err, inbox.ErrConflict) {
		t.Errorf("commit without an engine: got error %v, want another than %v", err, inbox.ErrConflict)
	}
	engine.Restart()
	if diff := cmp.Diff(head, headOf(t, store, "ann")); diff != "" {
		t.Errorf("head: -want +got\n%s", diff)
	}
	found, err := store.Query(t.Context(), "ann", inbox.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(found.Items), 20; got != want {
		t.Errorf("items: got %d, want %d", got, want)
	}
}
