package dynamotest

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// faulty returns a table whose calls pass Faults, and those Faults, still at
// zero.
func faulty(t *testing.T) (table, *Faults) {
	t.Helper()
	faults := NewFaults(nil)
	cfg := Config(t)
	cfg.HTTPClient = faults
	tb := newTable(t, cfg)
	faults.Reset()
	return tb, faults
}

// is reports whether the SDK made the error the typed one.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func TestFaultsAreWhatTheSDKKnows(t *testing.T) {
	for name, tc := range map[string]struct {
		operation string
		fault     Fault
		typed     func(error) bool
	}{
		"conflict":    {"PutItem", Conflict(), is[*types.TransactionConflictException]},
		"cancelled":   {"TransactWriteItems", Cancelled("None"), is[*types.TransactionCanceledException]},
		"in progress": {"TransactWriteItems", InProgress(), is[*types.TransactionInProgressException]},
		"throttled":   {"PutItem", Throttled(), is[*types.ProvisionedThroughputExceededException]},
		"internal":    {"PutItem", Internal(), is[*types.InternalServerError]},
		"other": {
			"PutItem", Error(400, "RequestLimitExceeded", "slow down"),
			is[*types.RequestLimitExceeded],
		},
		"cut": {"PutItem", Cut(), func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }},
	} {
		for _, stored := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				tb, faults := faulty(t)
				fault := tc.fault
				if stored {
					fault = fault.AfterStoring()
				}
				faults.Next(tc.operation, fault)
				write := tb.put
				if tc.operation == "TransactWriteItems" {
					write = func(id string) error { return tb.transact(id) }
				}
				if err := write("a"); !tc.typed(err) {
					t.Errorf("got %T: %v", err, err)
				}
				if faults.Pending() != 0 {
					t.Errorf("%d faults left, want none", faults.Pending())
				}
				if got := tb.has("a"); got != stored {
					t.Errorf("stored is %t, want %t", got, stored)
				}
				if err := write("b"); err != nil || !tb.has("b") {
					t.Errorf("the next call: %v, stored %t; want it untouched", err, tb.has("b"))
				}
			})
		}
	}
}

func TestCancelledCarriesItsReasons(t *testing.T) {
	tb, faults := faulty(t)
	want := []string{"ConditionalCheckFailed", "None", "TransactionConflict"}
	faults.Next("TransactWriteItems", Cancelled(want...))
	err := tb.transact("a", "b", "c")
	cancelled, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok {
		t.Fatalf("got %T: %v", err, err)
	}
	var got []string
	for _, r := range cancelled.CancellationReasons {
		got = append(got, *r.Code)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func TestNextIsInOrderAndAlwaysIsBehindIt(t *testing.T) {
	tb, faults := faulty(t)
	faults.Always("PutItem", Internal())
	faults.Next("PutItem", Pass(), Throttled())
	faults.Next("PutItem", Conflict())
	var got []string
	for range 5 {
		got = append(got, code(tb.put("a")))
	}
	want := []string{
		"", "ProvisionedThroughputExceededException", "TransactionConflictException",
		"InternalServerError", "InternalServerError",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("error codes (-want +got):\n%s", diff)
	}
	faults.Reset()
	if err := tb.put("a"); err != nil {
		t.Errorf("after Reset: %v", err)
	}
}

func code(err error) string {
	if failure, ok := errors.AsType[smithy.APIError](err); ok {
		return failure.ErrorCode()
	}
	return ""
}

func TestUsage(t *testing.T) {
	tb, faults := faulty(t)
	faults.Next("PutItem", Throttled(), Throttled().AfterStoring())
	_, _, _ = tb.put("a"), tb.put("b"), tb.put("c")
	if err := tb.transact("d", "e"); err != nil {
		t.Fatal(err)
	}
	tb.has("a")
	if got, want := faults.Usage("PutItem"), (Usage{Calls: 3, Sent: 2, Write: 2}); got != want {
		t.Errorf("PutItem used %+v, want %+v", got, want)
	}
	if got, want := faults.Usage("TransactWriteItems"), (Usage{Calls: 1, Sent: 1, Write: 4}); got != want {
		t.Errorf("TransactWriteItems used %+v, want %+v", got, want)
	}
	if got, want := faults.Usage("GetItem"), (Usage{Calls: 1, Sent: 1, Read: 1}); got != want {
		t.Errorf("GetItem used %+v, want %+v", got, want)
	}
	if got, want := faults.Total(), (Usage{Calls: 5, Sent: 4, Read: 1, Write: 6}); got != want {
		t.Errorf("all used %+v, want %+v", got, want)
	}
	want := map[string]int{"PutItem": 3, "TransactWriteItems": 1, "GetItem": 1}
	if diff := cmp.Diff(want, faults.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestBeforeStagesARace(t *testing.T) {
	tb, faults := faulty(t)
	rival := newTable(t, Config(t))
	rival.name = tb.name
	faults.Before(func(operation string) {
		if operation == "GetItem" {
			if err := rival.put("a"); err != nil {
				t.Errorf("the rival's put: %v", err)
			}
		}
	})
	if !tb.has("a") {
		t.Error("the hook's write is not there, so it did not run ahead of the call")
	}
	faults.Before(nil)
	if tb.has("b") {
		t.Error("b was never put")
	}
}

func TestSlowHeedsItsContext(t *testing.T) {
	tb, faults := faulty(t)
	faults.Next("GetItem", Slow(time.Millisecond))
	if tb.has("a") {
		t.Error("a was never put")
	}
	faults.Always("ListTables", Slow(time.Hour))
	ctx, cancel := context.WithCancel(context.Background())
	faults.Before(func(string) { cancel() })
	if _, err := tb.db.ListTables(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
