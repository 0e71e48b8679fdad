package fault

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/observe"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func set(t *testing.T, plan string) *Injector {
	t.Helper()
	p, err := Parse([]byte(plan))
	if err != nil {
		t.Fatal(err)
	}
	i := &Injector{Observe: &observe.Hub{}}
	if err := i.Set(p); err != nil {
		t.Fatal(err)
	}
	return i
}

func TestPush_SharesAreKeptAndSeedsRepeat(t *testing.T) {
	const plan = `{"seed":7,"push_drop":0.2,"push_429":0.2,"push_500":0.2,"vanish":0.2,"push_delay":"10ms"}`
	a, b := set(t, plan), set(t, plan)
	var n [nPushes]int
	for range 10_000 {
		f, wait := a.Push("c")
		if f2, wait2 := b.Push("c"); f2 != f || wait2 != wait {
			t.Fatalf("one seed, two decisions: %v %v and %v %v", f, wait, f2, wait2)
		}
		if wait <= 0 || wait > 10*time.Millisecond {
			t.Fatalf("wait: got %v, want up to 10ms", wait)
		}
		n[f]++
	}
	// Each is asked in its turn, so the shares of later ones are of what is left.
	for f, want := range [nPushes]int{None: 4096, Drop: 2000, Busy: 1600, Broken: 1280, Vanish: 1024} {
		if n[f] < want-300 || n[f] > want+300 {
			t.Errorf("fault %d: got %d of 10,000, want about %d", f, n[f], want)
		}
	}
	planted := a.State().Planted
	if planted["push_drop"] != int64(n[Drop]) || planted["vanish"] != int64(n[Vanish]) {
		t.Errorf("counts: got %v, want %v", planted, n)
	}
}

func TestInjector_WithoutPlanDoesNothing(t *testing.T) {
	for name, i := range map[string]*Injector{"nil": nil, "zero": {}, "empty": set(t, `{}`)} {
		f, wait := i.Push("c")
		if f != None || wait != 0 || i.LosesDisconnect("c") || i.RefusesConnect(time.Now()) || i.Function("f", "F") != (FunctionFault{}) {
			t.Errorf("%s: a fault was planted", name)
		}
	}
	i := set(t, `{"lose_disconnect":1}`)
	if !i.LosesDisconnect("c") {
		t.Error("share of 1: nothing was lost")
	}
	i.Clear()
	if i.LosesDisconnect("c") {
		t.Error("after Clear: a fault was planted")
	}
}

func TestRefusesConnect_IsARate(t *testing.T) {
	i := set(t, `{"connect_rate":2}`)
	now := time.Unix(0, 0)
	for _, tt := range []struct {
		after   time.Duration
		refused bool
	}{{0, false}, {0, false}, {0, true}, {500 * time.Millisecond, false}, {0, true}, {time.Hour, false}, {0, false}, {0, true}} {
		now = now.Add(tt.after)
		if got := i.RefusesConnect(now); got != tt.refused {
			t.Errorf("at %v: got %v, want %v", now.Sub(time.Unix(0, 0)), got, tt.refused)
		}
	}
}

func TestFunction_NamedOnes(t *testing.T) {
	i := set(t, `{"seed":1,"function_crash":1,"function_delay":"1ms","functions":["MessageFunction"]}`)
	if got := i.Function("bellhop-publish", "PublishFunction"); got != (FunctionFault{}) {
		t.Errorf("another function: got %+v", got)
	}
	after := 0
	for range 100 {
		f := i.Function("bellhop-message", "MessageFunction")
		if !f.Crash || f.Wait <= 0 {
			t.Fatalf("got %+v, want a crash and a wait", f)
		}
		if f.After {
			after++
		}
	}
	if after < 30 || after > 70 {
		t.Errorf("crashes after the work: got %d of 100, want about half", after)
	}
}

func TestFaults_AreTold(t *testing.T) {
	i := set(t, `{"push_drop":1}`)
	var got []observe.Event
	defer i.Observe.Subscribe(observe.Func(func(e *observe.Event) { got = append(got, *e) }))()
	i.Push("c")
	if len(got) != 1 || got[0].Kind != observe.Fault || got[0].Detail != "push_drop" || got[0].Connection != "c" {
		t.Errorf("got %+v, want one fault push_drop of c", got)
	}
}

func TestParse_RefusesAndNamesTheFault(t *testing.T) {
	for plan, want := range map[string]string{
		`{"push_drop":1.1}`:         "push_drop",
		`{"vanish":-1}`:             "vanish",
		`{"push_delay":"2m"}`:       "push_delay",
		`{"push_delay":5}`:          "plan",
		`{"connect_rate":-1}`:       "connect_rate",
		`{"push_drops":1}`:          "push_drops",
		`{} {}`:                     "more than one",
		`[]`:                        "plan",
		`{"function_delay":"long"}`: "long",
	} {
		if _, err := Parse([]byte(plan)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error about %s", plan, err, want)
		}
	}
}

// What State says can be put again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"seed":1,"push_drop":0.5,"push_delay":"50ms","functions":["a"],"connect_rate":500}`))
	f.Add([]byte(`{"push_drop":2}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		again, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(again); err != nil {
			t.Errorf("%s: parsed once, then: %v", again, err)
		}
	})
}
