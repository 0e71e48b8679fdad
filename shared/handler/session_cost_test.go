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
	for _, tt := range []struct {
		name string
		do   func()
		want string
	}{
		{"create", func() { d.signIn("bob") }, "1 PutItem; 0 read, 2 write"},
		{"renew", func() { d.sessions(fmt.Sprintf(`{"op":"renew","session":%q,"ttl":3700}`, s.Session)) }, "1 GetItem, 1 Query, 3 UpdateItem; 2 read, 7 write"},
		{"list, sessions slide", func() { d.deps.Config.Lifetime.Idle = time.Hour; list() }, "1 GetItem, 1 Query; 2 read, 0 write"},
		{"list, extending the session", func() { d.now = d.now.Add(20 * time.Minute); list() }, "2 GetItem, 2 Query, 3 UpdateItem; 4 read, 7 write"},
		{"list, extended just now", list, "2 GetItem, 1 Query; 3 read, 0 write"},
		{"hello, extending", func() { d.now = d.now.Add(20 * time.Minute); d.send(s, "a", `{"type":"hello","id":"1"}`) }, "2 GetItem, 1 PutItem, 1 Query, 4 UpdateItem; 3 read, 11 write"},
		{"GET /notifications, extending", func() { d.now = d.now.Add(20 * time.Minute); d.http("GET /notifications", bearer) }, "2 GetItem, 3 Query, 3 UpdateItem; 5 read, 7 write"},
		{"sweep after an outage of an hour", func() { d.sweep() }, "244 Query, 2 UpdateItem; 122 read, 2 write"},
		{"sweep", func() { d.now = d.now.Add(time.Minute); d.sweep() }, "12 Query, 2 UpdateItem; 6 read, 2 write"},
		{"revoke", func() { d.sessions(fmt.Sprintf(`{"op":"revoke","session":%q}`, s.Session)) }, "3 DeleteItem, 1 GetItem, 1 Query, 1 UpdateItem; 2 read, 7 write"},
	} {
		tt.do()
		if got := bill(meter); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
