package gateway

import (
	"context"
	"testing"
)

func TestGate(t *testing.T) {
	g := newGate()
	if !g.enter() {
		t.Fatal("open gate: enter refused")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.close(ended); err != context.Canceled {
		t.Errorf("close with somebody inside: got %v, want context canceled", err)
	}
	if !g.enter() { // by the one inside
		t.Error("shut gate, not empty: enter refused")
	}
	g.leave()
	g.leave()
	if err := g.close(t.Context()); err != nil {
		t.Errorf("close of an empty gate: %v", err)
	}
	if g.enter() {
		t.Error("shut, empty gate: enter allowed")
	}
}
