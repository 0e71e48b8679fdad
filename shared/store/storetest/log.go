package storetest

import (
	"context"
	"testing"

	"bellhop/shared/inbox"
)

// LogStore is a table under a log, and a way beneath it.
type LogStore struct {
	inbox.Table
	LoseHead func(ctx context.Context, user string) error // deletes the head of a log alone
}

// RunLog tries what an [inbox.Log] does over a table, where its promises meet
// the store's. All users are new, so that the table may be one in use.
func RunLog(t *testing.T, store LogStore) {
	for name, run := range map[string]func(*log){
		"append, list, count":                  appendListCount,
		"duplicates and conflicts":             duplicates,
		"a collapse key replaces":              collapse,
		"ten writers with a collapse key":      tenCollapse,
		"withdraw":                             withdraw,
		"mark in every state":                  markStates,
		"marking 10,000 through is one write":  markManyThrough,
		"archived through":                     archivedThrough,
		"expiry":                               expiry,
		"the first connect ever":               resumeFirst,
		"a first connect by two at once":       resumeFirstTogether,
		"nothing was missed":                   resumeNothing,
		"one was missed":                       resumeOne,
		"100 were missed":                      resume100,
		"10,000 were missed":                   resume10000,
		"an offset ahead of the log":           resumeAhead,
		"a wrong epoch":                        resumeWrongEpoch,
		"two devices resume while one marks":   resumeWhileMarked,
		"the head was lost":                    resumeLostHead,
		"retention is over":                    resumeRetention,
		"a torn read claims what it has shown": resumeTorn,
		"a mark that is seen in part":          resumeTornMark,
	} {
		t.Run(name, func(t *testing.T) {
			run(newLog(t, store))
		})
	}
}
