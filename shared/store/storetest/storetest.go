// Package storetest is the one suite that every store must pass: it tries each
// sentence of the contracts [inbox.Table], [connections.Store],
// [connections.Schedule], [session.Store] and [limit.Store].
//
// [Run] is called from a test of the store's own package. Whatever a store
// turns out to do wrong anywhere becomes a case here, so that no other store
// can do it.
//
// [RunLog] tries the whole log over a table: what a user's devices live on.
//
// [Torn] makes any table show what AWS allows and no engine at hand does: a
// head whose items are not visible yet. [Memory] is a store in plain maps.
//
// Read next: commit.go and query.go for the log, model.go for what a query
// means, log.go and its neighbours for what stands above.
package storetest

import (
	"testing"

	"bellhop/shared/connections"
	"bellhop/shared/inbox"
	"bellhop/shared/limit"
	"bellhop/shared/session"
)

// Stores are the stores of one implementation.
type Stores struct {
	Inbox       inbox.Table
	Connections connections.Store
	Sessions    session.Store
	Schedule    connections.Schedule
	Limits      limit.Store
}

// a testCase has a name and its own stores.
type testCase struct {
	name string
	run  func(t *testing.T, s Stores)
}

// Run tries an implementation, each case in a subtest of its own. open is
// called once for each with that subtest's t, and may always give the same
// stores, even tables that other runs have used: all users and ids are new.
// Whatever open opens it closes by t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Stores) {
	t.Helper()
	groups := []struct {
		name  string
		cases []testCase
	}{
		{"Load", loadCases()},
		{"Commit", commitCases()},
		{"Query", queryCases()},
		{"Unread", unreadCases()},
		{"RoundTrip", roundTripCases()},
		{"Race", raceCases()},
		{"Connections", connectionCases()},
		{"Due", dueCases()},
		{"Sessions", sessionCases()},
		{"Limits", limitCases()},
	}
	for _, group := range groups {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.cases {
				t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
			}
		})
	}
}
