package lambda

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	golambda "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Limits of the Invoke API, in bytes, and of a function.
const (
	MaxPayload      = 6 << 20         // synchronous payload
	MaxAsyncPayload = 1 << 20         // asynchronous payload
	MaxResult       = 6<<20 + 100     // result of a function
	DefaultTimeout  = 3 * time.Second // of a function that names none
)

// inProcess runs a handler in this process.
type inProcess struct {
	// handlers holds copies of the handler, each used by one invocation at a
	// time: Invoke of an aws-lambda-go handler gives its result's buffer back to
	// the handler's pool before the caller has read it (seen in v1.55.1), so
	// concurrent calls of one copy would mix their results.
	handlers sync.Pool
	spec     Spec
	gate     gate
	workers  *workers[job]
}

// InProcess returns a Runner that calls handler in this process, across the
// same JSON border as the Lambda runtime.
//
// The handler is what lambda.Start of aws-lambda-go takes: a function, or a
// value with an Invoke method over bytes. It is not what lambda.NewHandler
// returns; such a one, and a function of the wrong shape, make every invocation
// a FunctionError that says so. Handlers are called concurrently.
//
// Each invocation has a context of its own, with a lambdacontext and a deadline,
// and with none of the caller's values. The Runner's Close waits
// for running invocations, those that timed out among them, and ends the
// goroutines that it keeps for half a second after their last invocation: a test
// under testing/synctest must call it.
func InProcess(handler any, spec Spec) Runner {
	if spec.Timeout <= 0 {
		spec.Timeout = DefaultTimeout
	}
	if reflect.TypeOf(handler) == reflect.TypeOf(golambda.NewHandler(nil)) {
		handler = func() error { return errMadeHandler }
	}
	p := &inProcess{spec: spec, gate: gate{limit: int64(spec.Concurrency)}}
	p.workers = newWorkers(p.run)
	p.handlers.New = func() any { return golambda.NewHandler(handler) }
	return p
}

var errMadeHandler = errors.New("in-process handler: pass the function itself, not the result of lambda.NewHandler, whose results are not safe for concurrent use")

// outcome is what an invocation came to: a result or an error, and whether it
// came before the deadline. The zero value is one that never came.
type outcome struct {
	result []byte
	err    *FunctionError
	inTime bool
}

// Invoke runs the handler and waits for its end, its time-out or the end of ctx.
func (p *inProcess) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("invoke %s: %w", p.spec.Name, err)
	}
	if !p.gate.enter() {
		return nil, fmt.Errorf("invoke %s: %w", p.spec.Name, ErrThrottled)
	}
	call := FromContext(ctx)
	if call.RequestID == "" {
		call.RequestID = NewRequestID()
	}
	own, cancel := context.WithTimeout(context.Background(), p.spec.Timeout)
	done := make(chan outcome, 1)
	j := job{ctx: p.describe(own, call), payload: payload, requestID: call.RequestID, done: done, cancel: cancel}
	p.workers.start(j)
	select {
	case o := <-done:
		j.cancel()
		return p.conclude(o, call.RequestID)
	case <-own.Done():
		j.cancel()
		return p.conclude(lastOutcome(done), call.RequestID)
	case <-ctx.Done():
		// The handler goes on, so its context must too: it ends at its deadline.
		return nil, fmt.Errorf("invoke %s: %w", p.spec.Name, ctx.Err())
	}
}

// lastOutcome returns what done holds, if anything: an outcome in time counts,
// even if the caller looks late.
func lastOutcome(done <-chan outcome) outcome {
	select {
	case o := <-done:
		return o
	default:
		return outcome{}
	}
}

// conclude turns an outcome into Invoke's answer. Once the deadline has passed
// there is only a time-out, even if the handler returned after all: on AWS it
// would not exist any more.
func (p *inProcess) conclude(o outcome, requestID string) ([]byte, error) {
	switch {
	case !o.inTime:
		return nil, TimeoutError(requestID, time.Now(), p.spec.Timeout)
	case o.err != nil:
		return nil, o.err
	case len(o.result) > MaxResult:
		return nil, TooLargeError()
	}
	return o.result, nil
}

// describe gives own the lambdacontext that a handler expects.
func (p *inProcess) describe(own context.Context, call Invocation) context.Context {
	lc := &lambdacontext.LambdaContext{AwsRequestID: call.RequestID, InvokedFunctionArn: p.spec.ARN}
	if call.Qualifier != "" {
		lc.InvokedFunctionArn += ":" + call.Qualifier
	}
	if call.ClientContext != nil {
		// A client context that does not fit stays empty: it is advice.
		_ = json.Unmarshal(call.ClientContext, &lc.ClientContext)
	}
	return lambdacontext.NewContext(own, lc)
}

// job is one invocation, for the goroutine that runs it.
type job struct {
	ctx       context.Context // the handler's
	payload   []byte
	requestID string
	done      chan<- outcome
	cancel    context.CancelFunc
}

// run calls the handler and always sends one outcome: of a return, of a panic,
// or of a goroutine that the handler ended with runtime.Goexit.
func (p *inProcess) run(j job) {
	var o outcome
	returned := false
	defer func() {
		if value := recover(); value != nil {
			o = outcome{err: panicError(value)}
		} else if !returned {
			o = outcome{err: ExitError(j.requestID, "")}
		}
		deadline, _ := j.ctx.Deadline()
		o.inTime = time.Now().Before(deadline)
		p.gate.leave() // before the caller knows: its next call finds room
		j.done <- o
	}()
	h := p.handlers.Get().(golambda.Handler)
	result, err := h.Invoke(j.ctx, j.payload)
	returned = true
	if err != nil {
		o.err = handlerError(err)
	} else {
		o.result = bytes.Clone(result)
	}
	p.handlers.Put(h)
}

// Close waits until no invocation runs.
func (p *inProcess) Close(ctx context.Context) error {
	p.workers.release()
	if err := p.gate.wait(ctx); err != nil {
		return fmt.Errorf("close %s: %w", p.spec.Name, err)
	}
	return nil
}
