package runtime

import (
	"context"
	"slices"
	"time"

	"bellhop/localdev/lambda"
)

// What happens to a process, as its Runner sees it. Each of these locks r.mu.

// ready is called when a process asks for its next invocation. False says that
// it may not: it has not answered the one that it holds, or is being ended.
func (r *Runner) ready(p *process) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.ctx.Err() != nil {
		return false // it is being ended
	}
	if !p.asked {
		p.asked = true
		p.init = time.Since(p.started)
		r.stats.LastInit = p.init
		r.opts.Logger.Debug("function started", "init", r.stats.LastInit)
	}
	if p.holds != nil {
		return len(p.hand) > 0 // it asks again, for what it could not be told
	}
	p.stopTimer()
	if len(r.queue) > 0 {
		inv := r.queue[0]
		r.queue = r.queue[1:]
		r.give(p, inv)
	} else if !slices.Contains(r.parked, p) {
		r.parked = append(r.parked, p)
	}
	return true
}

// unpark is called when a process stopped asking.
func (r *Runner) unpark(p *process) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parked = slices.DeleteFunc(r.parked, func(other *process) bool { return other == p })
}

// answer is called with what a process posts. False says that it does not hold
// an invocation of this id.
func (r *Runner) answer(p *process, id string, o outcome) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.holds == nil || p.holds.id != id {
		return false
	}
	r.conclude(p, o)
	return true
}

// initFailed is called with the reason that a process gives for its end before
// its first invocation.
func (r *Runner) initFailed(p *process, reported *lambda.FunctionError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.reported = reported
}

// expire ends a process that has not come back in time.
func (r *Runner) expire(p *process, inv *invocation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.timed != inv {
		return
	}
	p.end(errTimeout)
	if p.holds == inv {
		r.conclude(p, outcome{err: lambda.TimeoutError(inv.id, time.Now(), r.spec.Timeout)})
	}
}

// exited is called when a process has ended, or could not be started. A process
// that never asked for an invocation fails the first that waits, so that a
// broken function fails each of its callers instead of being started for ever.
func (r *Runner) exited(p *process, failure func(requestID string) *lambda.FunctionError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.processes, p)
	r.parked = slices.DeleteFunc(r.parked, func(other *process) bool { return other == p })
	p.stopTimer()
	switch {
	case p.holds != nil && len(p.hand) > 0: // it never saw it
		r.queue = slices.Insert(r.queue, 0, p.holds)
		p.holds = nil
		r.busy--
	case p.holds != nil:
		r.conclude(p, outcome{err: failure(p.holds.id)})
	case !p.asked && len(r.queue) > 0:
		inv := r.queue[0]
		r.queue = r.queue[1:]
		failed := failure(inv.id)
		r.reportInitFailed(p, failed)
		r.leave(inv, outcome{err: failed})
	}
	r.grow()
}

// failure says how a process ended: what it reported itself, else why it was
// ended, else its exit status.
func (p *process) failure(err error) func(requestID string) *lambda.FunctionError {
	p.runner.mu.Lock()
	reported := p.reported
	p.runner.mu.Unlock()
	return func(requestID string) *lambda.FunctionError {
		switch {
		case reported != nil:
			return reported
		case context.Cause(p.ctx) == errInit:
			return lambda.TimeoutError(requestID, time.Now(), initLimit)
		case p.cmd.ProcessState == nil:
			return lambda.EntrypointError(requestID, err)
		case p.cmd.ProcessState.Success():
			return lambda.ExitError(requestID, "")
		}
		return lambda.ExitError(requestID, p.cmd.ProcessState.String())
	}
}
