package gate

import (
	"context"
	"testing"
)

func TestGate(t *testing.T) {
	g := New()
	if !g.Enter() {
		t.Fatal("open gate: enter refused")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Close(ended); err != context.Canceled {
		t.Errorf("close with somebody inside: got %v, want context canceled", err)
	}
	if !g.Enter() { // by the one inside
		t.Error("shut gate, not empty: enter refused")
	}
	g.Leave()
	g.Leave()
	if err := g.Close(t.Context()); err != nil {
		t.Errorf("close of an empty gate: %v", err)
	}
	if g.Enter() {
		t.Error("shut, empty gate: enter allowed")
	}
}
