package dynamostore_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bellhop/shared/inbox"
	"bellhop/shared/store/dynamotest"
)

// what a commit that met faults must give.
type outcome int

const (
	done      outcome = iota // stored, and no error
	conflict                 // ErrConflict, and not stored
	failed                   // another error, and not stored
	uncertain                // another error, although it was stored
)

type commitCase struct {
	name   string
	faults []dynamotest.Fault // of the tries, in order
	want   outcome
}

// commitCases are those of either way to write.
func commitCases() []commitCase {
	throttled, internal, cut := dynamotest.Throttled(), dynamotest.Internal(), dynamotest.Cut()
	return []commitCase{
		{"no fault", nil, done},
		{"throttled once", []dynamotest.Fault{throttled}, done},
		{"throttled to the last", []dynamotest.Fault{throttled, throttled, throttled}, failed},
		{"server fault, not stored", []dynamotest.Fault{internal}, done},
		{"server fault to the last, not stored", []dynamotest.Fault{internal, internal, internal}, failed},
		{"server fault, stored", []dynamotest.Fault{internal.AfterStoring()}, done},
		{"cut, not stored", []dynamotest.Fault{cut}, done},
		{"cut, stored", []dynamotest.Fault{cut.AfterStoring()}, done},
		{"cut, stored, then throttled", []dynamotest.Fault{cut.AfterStoring(), throttled}, done},
		{"cut to the last, stored", []dynamotest.Fault{cut.AfterStoring(), cut, cut}, uncertain},
		{"refused", []dynamotest.Fault{dynamotest.Error(400, "ResourceNotFoundException", "no such table")}, failed},
	}
}

func TestCommitOfTheHeadAlone(t *testing.T) {
	cases := append(commitCases(), commitCase{"another transaction holds the head", []dynamotest.Fault{dynamotest.Conflict()}, conflict})
	store, faults := faulty(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { tryCommit(t, store, faults, trial{c, "PutItem", moved}) })
	}
}

func TestCommitOfMore(t *testing.T) {
	inProgress := dynamotest.InProgress()
	cases := append(
		commitCases(),
		commitCase{"another transaction holds a record", []dynamotest.Fault{dynamotest.Cancelled("None", "TransactionConflict", "None")}, conflict},
		commitCase{"a condition does not hold", []dynamotest.Fault{dynamotest.Cancelled("None", "None", "ConditionalCheckFailed")}, conflict},
		commitCase{"a part is throttled", []dynamotest.Fault{dynamotest.Cancelled("None", "ThrottlingError", "None")}, failed},
		commitCase{"its own first try is under way", []dynamotest.Fault{dynamotest.Cut().AfterStoring(), inProgress}, done},
		commitCase{"its own first try stays under way", []dynamotest.Fault{dynamotest.Cut().AfterStoring(), inProgress, inProgress}, uncertain},
	)
	store, faults := faulty(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { tryCommit(t, store, faults, trial{c, "TransactWriteItems", appended}) })
	}
}

// trial is a case, the operation that meets its faults, and the change to make.
type trial struct {
	commitCase
	operation string
	change    func(was inbox.Head) inbox.Change
}

func tryCommit(t *testing.T, table inbox.Table, faults *dynamotest.Faults, try trial) {
	user := t.Name()
	was := begin(t, table, user)
	c := try.change(was)
	faults.Next(try.operation, try.faults...)
	err := table.Commit(t.Context(), user, c)
	if n := faults.Pending(); n != 0 {
		t.Fatalf("%d faults were not met", n)
	}
	wantHead := was
	if try.want == done || try.want == uncertain {
		wantHead = c.Head
	}
	if isConflict := errors.Is(err, inbox.ErrConflict); isConflict != (try.want == conflict) || (err == nil) != (try.want == done) {
		t.Errorf("commit: got error %v, want outcome %d", err, try.want)
	}
	if diff := cmp.Diff(wantHead, headOf(t, table, user)); diff != "" {
		t.Errorf("head: -want +got\n%s", diff)
	}
}

// A head that another writer has moved on hides whether the own try was stored.
func TestReplyLostAndOvertaken(t *testing.T) {
	store, faults := faulty(t)
	was := begin(t, store, "ann")
	mine := moved(was)
	tries := 0
	faults.Before(func(operation string) {
		if tries++; operation != "PutItem" || tries != 2 {
			return
		}
		if err := store.Commit(t.Context(), "ann", appended(mine.Head)); err != nil {
			t.Errorf("overtake: %v", err)
		}
	})
	faults.Next("PutItem", dynamotest.Cut().AfterStoring())
	err := store.Commit(t.Context(), "ann", mine)
	if err == nil || errors.Is(err, inbox.ErrConflict) {
		t.Errorf("commit: got error %v, want one that leaves open what was stored", err)
	}
	if got := headOf(t, store, "ann").Offset; got != 2 {
		t.Errorf("offset: got %d, want 2: both were stored", got)
	}
}

// Another writer's head that looks the same is not the own one.
func TestTwoWritersOfOneHead(t *testing.T) {
	store, _ := faulty(t)
	c := moved(begin(t, store, "ann"))
	if err := store.Commit(t.Context(), "ann", c); err != nil {
		t.Fatal(err)
	}
	if err := store.Commit(t.Context(), "ann", c); !errors.Is(err, inbox.ErrConflict) {
		t.Errorf("second writer: got error %v, want %v", err, inbox.ErrConflict)
	}
}

// A race that was lost after a throttled try is a conflict: nothing was stored.
func TestThrottledAndOvertaken(t *testing.T) {
	store, faults := faulty(t)
	c := moved(begin(t, store, "ann"))
	if err := store.Commit(t.Context(), "ann", moved(c.Was)); err != nil {
		t.Fatal(err)
	}
	faults.Next("PutItem", dynamotest.Throttled())
	if err := store.Commit(t.Context(), "ann", c); !errors.Is(err, inbox.ErrConflict) {
		t.Errorf("got error %v, want %v", err, inbox.ErrConflict)
	}
}
