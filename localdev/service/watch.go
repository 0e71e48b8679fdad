package service

import (
	"context"
	"fmt"
	"time"

	"bellhop/localdev/fault"
	"bellhop/localdev/lambda"
	"bellhop/localdev/observe"
)

// watching is what stands between a function and all who invoke it: observers
// and faults.
type watching struct {
	observe *observe.Hub
	faults  *fault.Injector
}

// all puts itself before the functions' own runners.
func (w watching) all(list []lambda.Function) []lambda.Function {
	for i, f := range list {
		list[i].Runner = &watched{watching: w, name: f.Spec.Name, logicalID: f.LogicalID, next: f.Runner}
	}
	return list
}

type watched struct {
	watching
	name, logicalID string
	next            lambda.Runner
}

// Invoke runs the function; while nobody listens and no fault is planted that
// is all.
func (w *watched) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if !w.observe.On() {
		return w.invoke(ctx, payload)
	}
	call := lambda.FromContext(ctx)
	if call.RequestID == "" {
		call.RequestID = lambda.NewRequestID()
		ctx = lambda.NewContext(ctx, call)
	}
	by := observe.FromContext(ctx)
	e := observe.Event{
		Kind: observe.InvokeStart, API: by.API, Connection: by.Connection, User: by.User, Route: by.Route,
		Function: w.name, RequestID: call.RequestID, At: time.Now(), Payload: payload,
	}
	w.observe.Emit(e)
	result, err := w.invoke(ctx, payload)
	e.Kind, e.Took, e.At, e.Payload = observe.InvokeEnd, time.Since(e.At), time.Now(), append([]byte(nil), result...)
	if err != nil {
		e.Error = err.Error()
	}
	w.observe.Emit(e)
	return result, err
}

func (w *watched) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	f := w.faults.Function(w.name, w.logicalID)
	if f.Wait > 0 {
		timer := time.NewTimer(f.Wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("invoke %s: %w", w.name, ctx.Err())
		}
	}
	if f.Crash && !f.After {
		return nil, crashed(ctx)
	}
	result, err := w.next.Invoke(ctx, payload)
	if f.Crash && err == nil {
		return nil, crashed(ctx)
	}
	return result, err
}

// crashed is what Lambda says of a process that ended by itself.
func crashed(ctx context.Context) error {
	return lambda.ExitError(lambda.FromContext(ctx).RequestID, "planted fault")
}

// Close closes the function's own runner.
func (w *watched) Close(ctx context.Context) error {
	if c, ok := w.next.(interface{ Close(context.Context) error }); ok {
		return c.Close(ctx)
	}
	return nil
}

func (s *Service) cut() (n int) {
	s.o.Observe.Emit(observe.Event{Kind: observe.Fault, Detail: "cut"})
	for _, g := range s.gateways {
		n += g.gateway.Cut()
	}
	return n
}

func (s *Service) vanish(ids []string) (vanished []string) {
	for _, g := range s.gateways {
		vanished = append(vanished, g.gateway.Vanish(ids)...)
	}
	for _, id := range vanished {
		s.o.Observe.Emit(observe.Event{Kind: observe.Fault, Connection: id, Detail: "vanish"})
	}
	return vanished
}
