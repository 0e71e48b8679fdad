package throttle

import (
	"testing"
	"time"
)

func TestBucket(t *testing.T) {
	now := time.Unix(0, 0)
	b := New(Rate{PerSecond: 2, Burst: 3})
	for _, tt := range []struct {
		after time.Duration
		want  bool
	}{
		{0, true},
		{0, true},
		{0, true},
		{0, false},
		{499 * time.Millisecond, false},
		{2 * time.Millisecond, true},
		{0, false},
		{time.Hour, true},
		{0, true},
		{0, true},
		{0, false},
		{-time.Hour, false},
	} {
		now = now.Add(tt.after)
		if got := b.Take(now); got != tt.want {
			t.Errorf("at %v: got %v, want %v", now.Sub(time.Unix(0, 0)), got, tt.want)
		}
	}
	if b := New(Rate{}); !b.Take(now) {
		t.Error("no limit: got false")
	}
	if b := New(Rate{PerSecond: 0.1}); b.burst != 1 {
		t.Errorf("burst of a slow rate: got %v, want 1", b.burst)
	}
}
