package client

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func changeAt(epoch string, offset int64) Change { return Change{Position: Position{epoch, offset}} }

func offsets(changes []Change) []int64 {
	list := []int64{}
	for _, c := range changes {
		list = append(list, c.Offset)
	}
	return list
}

func wantOffsets(t *testing.T, got []Change, want ...int64) {
	t.Helper()
	if !slices.Equal(offsets(got), append([]int64{}, want...)) {
		t.Errorf("given: got %v, want %v", offsets(got), want)
	}
}

func TestSequence_GivesInOrderAndDropsRepeats(t *testing.T) {
	s := newSequence(Position{"e", 4})
	wantOffsets(t, s.take(changeAt("e", 5)), 5)
	wantOffsets(t, s.take(changeAt("e", 5)))
	wantOffsets(t, s.take(changeAt("e", 3)))
	if s.gap() {
		t.Error("gap: got one, want none")
	}
	wantOffsets(t, s.take(changeAt("e", 7)))
	wantOffsets(t, s.take(changeAt("e", 9)))
	if !s.gap() {
		t.Error("gap: got none before 7 and 9")
	}
	wantOffsets(t, s.take(changeAt("e", 6)), 6, 7)
	wantOffsets(t, s.reach(Position{"e", 8}), 9)
	if s.gap() || s.at.Offset != 9 {
		t.Errorf("at the end: got %v, gap %v, want 9 and none", s.at, s.gap())
	}
}

func TestSequence_AnotherEpochWaitsForTheWelcome(t *testing.T) {
	s := newSequence(Position{})
	wantOffsets(t, s.take(changeAt("new", 8)))
	wantOffsets(t, s.take(changeAt("old", 8)))
	if !s.gap() {
		t.Error("gap: got none for an epoch that is not known yet")
	}
	wantOffsets(t, s.reach(Position{"new", 7}), 8)
	if s.gap() {
		t.Error("gap: got one for what is of another log")
	}
}

func TestSequence_TooMuchAheadIsAGap(t *testing.T) {
	s := newSequence(Position{"e", 0})
	for offset := int64(2); offset <= maxAhead+5; offset++ {
		s.take(changeAt("e", offset))
	}
	if len(s.ahead) != maxAhead || !s.lost {
		t.Errorf("ahead: got %d, lost %v, want %d and some lost", len(s.ahead), s.lost, maxAhead)
	}
	s.reach(Position{"e", 2000})
	if len(s.ahead) != 0 || !s.gap() {
		t.Errorf("ahead: got %d, gap %v, want none and a gap until it is asked for", len(s.ahead), s.gap())
	}
}

// Whatever order frames and welcomes come in, each change is given once, in
// order.
func TestSequence_AnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		s := newSequence(Position{"e", 0})
		var got []int64
		for _, i := range random.Perm(100) {
			got = append(got, offsets(s.take(changeAt("e", int64(i%50+1))))...)
		}
		want := make([]int64, 50)
		for i := range want {
			want[i] = int64(i + 1)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("given: got %v, want 1 to 50", got)
		}
	}
}
