package observe

import (
	"context"
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
	if e := got[0]; e.Seq != 1 || e.Size != 3 || e.At.IsZero() || e.Kind != FrameIn {
		t.Errorf("first event: got %+v, want number 1, 3 bytes, a time", e)
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

func TestRecorder_KeepsTheLatest(t *testing.T) {
	var h Hub
	r := NewRecorder(3)
	defer h.Subscribe(r)()
	_, more := r.Since(0)
	for _, payload := range []string{"1", "2", "3", "4"} {
		h.Emit(Event{Kind: FrameIn, Payload: []byte(payload)})
	}
	<-more
	events, _ := r.Since(2)
	if len(events) != 2 || events[0].Seq != 3 || events[1].Seq != 4 {
		t.Errorf("since 2: got %+v, want 3 and 4", events)
	}
	if all, _ := r.Since(0); len(all) != 3 || all[0].Seq != 2 {
		t.Errorf("all: got %+v, want 2, 3 and 4", all)
	}
	if payload, ok := r.Payload(4); !ok || string(payload) != "4" {
		t.Errorf("payload of 4: got %q, %v", payload, ok)
	}
	if _, ok := r.Payload(1); ok {
		t.Error("payload of 1: got one, want none: newer ones took its place")
	}
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
