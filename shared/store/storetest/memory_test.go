package storetest_test

import (
	"context"
	"testing"

	"bellhop/shared/store/storetest"
)

// TestMemory says that the store in maps is a store as any other. It keeps no
// sessions: those are pebblestore's here.
func TestMemory(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Stores {
		memory := &storetest.Memory{}
		return storetest.Stores{Inbox: memory, Connections: memory, Sessions: openPebble(t), Schedule: memory, Limits: memory}
	})
}

// TestMemoryLog says what a log does over it.
func TestMemoryLog(t *testing.T) {
	memory := &storetest.Memory{}
	storetest.RunLog(t, storetest.LogStore{Table: memory, LoseHead: func(_ context.Context, user string) error {
		memory.LoseHead(user)
		return nil
	}})
}
