package observe

import (
	"context"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestHub_TellsWhoListensAndNobodyElse(t *testing.T) {
	var h Hub
	if h.On() {
		t.Error("new hub: got on, want off")
	}
	h.Emit(Event{Kind: Connect}) // nobody hears it, and it is not counted
	var got []Event
	cancel := h.Subscribe(Func(func(e *Event) { got = append(got, *e) }))
	other := 0
	cancelOther := h.Subscribe(Func(func(*Event) { other++ }))
	h.Emit(Event{Kind: FrameIn, Payload: []byte("abc")})
	cancelOther()
	h.Emit(Event{Kind: FrameOut})
	cancel()
	cancel()
	h.Emit(Event{Kind: Push})
	if h.On() {
		t.Error("after the last left: got on, want off")
	}
	if len(got) != 2 || other != 1 {
		t.Fatalf("got %d and %d events, want 2 and 1", len(got), other)
	}
	if e := got[0]; e.Size != 3 || e.At.IsZero() || e.Kind != FrameIn {
		t.Errorf("first event: got %+v, want 3 bytes, a time", e)
	}
	var none *Hub
	if none.On() {
		t.Error("nil hub: got on")
	}
	none.Emit(Event{})
}

func TestHub_CostsNothingWhileNobodyListens(t *testing.T) {
	var h Hub
	if n := testing.AllocsPerRun(100, func() {
		if h.On() {
			h.Emit(Event{Payload: make([]byte, 100)})
		}
	}); n != 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}

func TestRecorder_KeepsTheLatestWithinItsBudget(t *testing.T) {
	var h Hub
	r := NewRecorder(3 * (overhead + 100))
	defer h.Subscribe(r)()
	_, more := r.Since(0)
	for _, payload := range []string{"1", "2", "3", "4"} {
		h.Emit(Event{Kind: FrameIn, Payload: []byte(strings.Repeat(payload, 100))})
	}
	<-more
	if events, _ := r.Since(2); len(events) != 2 || events[0].Seq != 3 || events[1].Seq != 4 {
		t.Errorf("since 2: got %+v, want 3 and 4", events)
	}
	if all, _ := r.Since(0); len(all) != 3 || all[0].Seq != 2 {
		t.Errorf("all: got %+v, want 2, 3 and 4", all)
	}
	if none, _ := r.Since(9); len(none) != 0 {
		t.Errorf("since what has not been: got %+v", none)
	}
	if e, ok := r.Find(4); !ok || e.Payload[0] != '4' {
		t.Errorf("4: got %q, %v", e.Payload, ok)
	}
	for _, gone := range []uint64{0, 1, 5} {
		if _, ok := r.Find(gone); ok {
			t.Errorf("%d: got one, want none", gone)
		}
	}
	h.Emit(Event{Kind: FrameIn, Payload: make([]byte, 10_000)})
	if all, _ := r.Since(0); len(all) != 1 || all[0].Seq != 5 || r.used != overhead+10_000 {
		t.Errorf("one beyond the budget: got %d events of %d bytes, want it alone", len(all), r.used)
	}
}

// Events that are told at once are numbered in the order in which they are kept,
// so that whoever asks for what is after the last one misses none.
func TestRecorder_NumbersWithoutAHole(t *testing.T) {
	const writers, each = 8, 500
	var h Hub
	r := NewRecorder(1 << 30)
	defer h.Subscribe(r)()
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				h.Emit(Event{Kind: FrameIn})
			}
		})
	}
	for last := uint64(0); last < writers*each; {
		events, more := r.Since(last)
		if len(events) > Batch {
			t.Fatalf("got %d at once, want %d at most", len(events), Batch)
		}
		for _, e := range events {
			if e.Seq != last+1 {
				t.Fatalf("after %d: got %d", last, e.Seq)
			}
			last = e.Seq
		}
		if len(events) == 0 {
			<-more
		}
	}
	wg.Wait()
}

func TestSource_TravelsInTheContext(t *testing.T) {
	want := Source{API: "a/live", Connection: "c", Route: "$connect"}
	if got := FromContext(NewContext(t.Context(), want)); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := FromContext(context.Background()); got != (Source{}) {
		t.Errorf("none: got %+v", got)
	}
}

func BenchmarkOff(b *testing.B) {
	var h Hub
	for b.Loop() {
		if h.On() {
			h.Emit(Event{})
		}
	}
}
