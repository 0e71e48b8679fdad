package handler_test

import (
	"fmt"
	"testing"
	"time"
)

// TestCostOfSessions says what sessions cost on DynamoDB that slide, and what
// ends them: one user with two devices.
func TestCostOfSessions(t *testing.T) {
	d, meter := metered(t)
	s := d.signIn("ada")
	d.join(s, "a")
	d.join(s, "b")
	d.sweep() // the mark is here
	list := func() { d.send(s, "a", `{"type":"list","id":"1"}`) }
	bearer := bearerOf(s)
	meter.Reset()
	minutes := func(n time.Duration, do func()) func() {
		return func() { d.now = d.now.Add(n * time.Minute); do() }
	}
	held(t, d, meter, "#### Of sessions", []billed{
		{"a session is made", func() { d.signIn("bob") }},
		{"… renewed", func() { d.sessions(fmt.Sprintf(`{"op":"renew","session":%q,"ttl":3700}`, s.Session)) }},
		{"`list`, sessions slide", func() { d.deps.Config.Lifetime.Idle = time.Hour; list() }},
		{"`list` that extends the session", minutes(20, list)},
		{"`list` soon after that", list},
		{"`hello` that extends it", minutes(20, func() { d.send(s, "a", `{"type":"hello","id":"1"}`) })},
		{"`GET /notifications` that does", minutes(20, func() { d.http("GET /notifications", bearer) })},
		{"the sweep, after an hour without one", func() { d.sweep() }},
		{"the sweep, each minute", minutes(1, func() { d.sweep() })},
		{"a session is revoked", func() { d.sessions(fmt.Sprintf(`{"op":"revoke","session":%q}`, s.Session)) }},
	})
}
