package dynamotest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Faults is an HTTP client for the SDK that plants faults by operation, and
// counts calls and the capacity that they consumed. Set it as
// aws.Config.HTTPClient:
//
//	faults := dynamotest.NewFaults(nil)
//	cfg := dynamotest.Config(t)
//	cfg.HTTPClient = faults
//	faults.Next("TransactWriteItems", dynamotest.Cut().AfterStoring())
//
// An operation is named as in DynamoDB's API ("Query", "PutItem"). Retries of
// the SDK are calls too: the engine, not the caller, is what is counted.
// Safe for concurrent use.
type Faults struct {
	next aws.HTTPClient

	mu      sync.Mutex
	planted map[string][]Fault
	always  map[string]Fault
	before  func(operation string)
	usage   map[string]Usage
}

// Usage is what one operation, or all together, has asked of the engine.
type Usage struct {
	// Calls is the number of requests, answered by the engine or by a fault.
	Calls int
	// Sent is the number of requests that reached the engine.
	Sent int
	// Read and Write are the capacity units that the engine reported. It
	// reports them when the request asks with ReturnConsumedCapacity: units
	// without a direction count as Write for an operation that writes, else as
	// Read.
	Read, Write float64
}

// NewFaults returns a Faults that has no faults yet and sends requests by next;
// nil means Client().
func NewFaults(next aws.HTTPClient) *Faults {
	if next == nil {
		next = Client()
	}
	f := &Faults{next: next}
	f.Reset()
	return f
}

// Next plants faults for the next calls of the operation, one call each, in
// this order, after those that are planted already.
func (f *Faults) Next(operation string, faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.planted[operation] = append(f.planted[operation], faults...)
}

// Always plants a fault for every call of the operation that has none of Next,
// until Reset.
func (f *Faults) Always(operation string, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.always[operation] = fault
}

// Before has hook called ahead of every call, on the caller's goroutine: the
// place to stage a race. A call waits for its hook; nil takes the hook away.
func (f *Faults) Before(hook func(operation string)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before = hook
}

// Reset takes every fault and the hook away and sets all usage to zero.
func (f *Faults) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.planted, f.always, f.usage = map[string][]Fault{}, map[string]Fault{}, map[string]Usage{}
	f.before = nil
}

// Pending returns the number of faults of Next that no call has met yet. A test
// that ends with some has not tested them.
func (f *Faults) Pending() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, faults := range f.planted {
		n += len(faults)
	}
	return n
}

// Usage returns what the operation has used.
func (f *Faults) Usage(operation string) Usage {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.usage[operation]
}

// Total returns what all operations have used.
func (f *Faults) Total() Usage {
	f.mu.Lock()
	defer f.mu.Unlock()
	var sum Usage
	for _, u := range f.usage {
		sum = sum.plus(u)
	}
	return sum
}

// Calls returns the number of calls by operation: one map to compare with what
// a test wants.
func (f *Faults) Calls() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := make(map[string]int, len(f.usage))
	for operation, u := range f.usage {
		calls[operation] = u.Calls
	}
	return calls
}

// Do sends r, unless a fault stands in its way.
func (f *Faults) Do(r *http.Request) (*http.Response, error) {
	operation := operationOf(r)
	fault, planted := f.take(operation)
	if planted && fault.delay > 0 {
		if err := wait(r, fault.delay); err != nil {
			return nil, err
		}
	}
	if planted && !fault.stored && fault.fails() {
		return fault.answer(r)
	}
	answer, err := f.send(operation, r)
	if !planted || !fault.fails() || err != nil {
		return answer, err
	}
	_ = answer.Body.Close()
	return fault.answer(r)
}

// take counts the call and removes its fault, if it has one.
func (f *Faults) take(operation string) (Fault, bool) {
	f.mu.Lock()
	hook := f.before
	f.mu.Unlock()
	if hook != nil {
		hook(operation)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.usage[operation] = f.usage[operation].plus(Usage{Calls: 1})
	if faults := f.planted[operation]; len(faults) > 0 {
		f.planted[operation] = faults[1:]
		return faults[0], true
	}
	fault, ok := f.always[operation]
	return fault, ok
}

// send passes r on, reads the whole answer, and records its capacity.
func (f *Faults) send(operation string, r *http.Request) (*http.Response, error) {
	answer, err := f.next.Do(r)
	used := Usage{Sent: 1}
	if err == nil {
		var body []byte
		if body, err = readBody(answer); err == nil {
			used = used.plus(capacityOf(operation, body))
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.usage[operation] = f.usage[operation].plus(used)
	if err != nil {
		return nil, fmt.Errorf("send %s: %w", operation, err)
	}
	return answer, nil
}

// operationOf returns "Query" for the target "DynamoDB_20120810.Query".
func operationOf(r *http.Request) string {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	return operation
}

func wait(r *http.Request, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-r.Context().Done():
		return r.Context().Err()
	}
}

func (u Usage) plus(v Usage) Usage {
	return Usage{u.Calls + v.Calls, u.Sent + v.Sent, u.Read + v.Read, u.Write + v.Write}
}

// units is one entry of an answer's ConsumedCapacity.
type units struct{ CapacityUnits, ReadCapacityUnits, WriteCapacityUnits float64 }

// capacityOf adds up an answer's ConsumedCapacity, which is one entry, or one
// for each table.
func capacityOf(operation string, body []byte) Usage {
	var one struct{ ConsumedCapacity units }
	var many struct{ ConsumedCapacity []units }
	if json.Unmarshal(body, &one) == nil {
		many.ConsumedCapacity = []units{one.ConsumedCapacity}
	} else if json.Unmarshal(body, &many) != nil {
		return Usage{}
	}
	var sum Usage
	for _, c := range many.ConsumedCapacity {
		rest := c.CapacityUnits - c.ReadCapacityUnits - c.WriteCapacityUnits
		used := Usage{Read: c.ReadCapacityUnits, Write: c.WriteCapacityUnits}
		if writes(operation) {
			used.Write += rest
		} else {
			used.Read += rest
		}
		sum = sum.plus(used)
	}
	return sum
}

func writes(operation string) bool {
	return strings.Contains(operation, "Write") || operation == "PutItem" ||
		operation == "UpdateItem" || operation == "DeleteItem"
}
