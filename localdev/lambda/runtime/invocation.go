package runtime

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"bellhop/localdev/lambda"
)

// invocation is one call of the function.
type invocation struct {
	id, arn       string
	clientContext []byte
	payload       []byte
	given         time.Time    // to a process
	deadline      time.Time    // from then on
	done          chan outcome // has room for the one outcome
}

// outcome is what an invocation came to.
type outcome struct {
	result []byte
	err    error
}

func newInvocation(spec lambda.Spec, call lambda.Invocation, payload []byte) *invocation {
	inv := &invocation{
		id: call.RequestID, arn: spec.ARN, clientContext: call.ClientContext, payload: payload,
		done: make(chan outcome, 1),
	}
	if inv.id == "" {
		inv.id = lambda.NewRequestID()
	}
	if call.Qualifier != "" {
		inv.arn += ":" + call.Qualifier
	}
	return inv
}

// describe sets the headers that tell a runtime of the invocation.
func (inv *invocation) describe(h http.Header) {
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", inv.arn)
	h.Set("Lambda-Runtime-Trace-Id", newTraceID())
	if inv.clientContext != nil {
		h.Set("Lambda-Runtime-Client-Context", string(inv.clientContext))
	}
}

// newTraceID is an X-Ray trace header that is not sampled. Source: X-Ray
// Developer Guide, "Tracing header".
func newTraceID() string {
	return fmt.Sprintf("Root=1-%08x-%08x%016x;Parent=%016x;Sampled=0",
		time.Now().Unix(), rand.Uint32(), rand.Uint64(), rand.Uint64())
}
