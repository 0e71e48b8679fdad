package dynamotest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// Fault is what one call meets instead of the engine's answer. The functions
// below make them; the zero value is no fault at all: the call passes. As it
// comes, a fault keeps the request from the engine: failed and not stored.
type Fault struct {
	cut    bool
	status int
	body   errorBody
	stored bool
	delay  time.Duration
}

// errorBody is DynamoDB's error answer.
type errorBody struct {
	Type    string   `json:"__type"`
	Message string   `json:"Message"`
	Reasons []reason `json:"CancellationReasons,omitempty"`
}

type reason struct {
	Code    string `json:"Code"`
	Message string `json:"Message,omitempty"`
}

const exceptions = "com.amazonaws.dynamodb.v20120810#"

// Error is an answer with the status and DynamoDB's error of that type, such as
// "ResourceNotFoundException".
func Error(status int, kind, message string) Fault {
	return Fault{status: status, body: errorBody{Type: exceptions + kind, Message: message}}
}

// Pass is no fault: it lets a call through, to plant the fault behind it.
func Pass() Fault { return Fault{} }

// Conflict is TransactionConflictException: another transaction holds the item
// of a PutItem, UpdateItem or DeleteItem.
func Conflict() Fault {
	return Error(http.StatusBadRequest, "TransactionConflictException",
		"Transaction is ongoing for the item")
}

// Cancelled is TransactionCanceledException, with one reason's code for each
// item of the transaction, in its order: "None", "ConditionalCheckFailed",
// "TransactionConflict", "ThrottlingError" and so on.
func Cancelled(reasons ...string) Fault {
	f := Error(http.StatusBadRequest, "TransactionCanceledException",
		"Transaction cancelled, please refer cancellation reasons for specific reasons ["+
			strings.Join(reasons, ", ")+"]")
	for _, code := range reasons {
		f.body.Reasons = append(f.body.Reasons, reason{Code: code})
	}
	return f
}

// InProgress is TransactionInProgressException: the transaction with this
// idempotency token has not ended yet.
func InProgress() Fault {
	return Error(http.StatusBadRequest, "TransactionInProgressException",
		"The transaction with the given request token is already in progress")
}

// Throttled is ProvisionedThroughputExceededException.
func Throttled() Fault {
	return Error(http.StatusBadRequest, "ProvisionedThroughputExceededException",
		"The level of configured provisioned throughput for the table was exceeded")
}

// Internal is InternalServerError, an answer with status 500.
func Internal() Fault {
	return Error(http.StatusInternalServerError, "InternalServerError", "Internal server error")
}

// Cut is a connection that breaks before the answer.
func Cut() Fault { return Fault{cut: true} }

// Slow lets a call through after a delay, or not at all if its context ends
// first. Combine by After.
func Slow(d time.Duration) Fault { return Fault{}.After(d) }

// AfterStoring has the engine do its work before the fault takes the place of
// its answer, whatever that was: failed, but stored.
func (f Fault) AfterStoring() Fault {
	f.stored = true
	return f
}

// After puts a delay ahead of the fault.
func (f Fault) After(d time.Duration) Fault {
	f.delay = d
	return f
}

func (f Fault) fails() bool { return f.cut || f.status != 0 }

// answer is what the call of r gets. The body of r is closed, as a client must.
func (f Fault) answer(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	if f.cut {
		return nil, fmt.Errorf("planted fault: %w", syscall.ECONNRESET)
	}
	body, err := json.Marshal(f.body)
	if err != nil {
		return nil, fmt.Errorf("encode a planted fault: %w", err)
	}
	return &http.Response{
		Status:        http.StatusText(f.status),
		StatusCode:    f.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       r,
	}, nil
}

// readBody reads the answer's body and puts it back.
func readBody(answer *http.Response) ([]byte, error) {
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}
