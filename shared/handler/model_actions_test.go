package handler_test

import (
	"encoding/json"
	"fmt"
	"time"

	"bellhop/shared/connections"
	"bellhop/shared/handler"
	"bellhop/shared/protocol"

	"pgregory.net/rapid"
)

// actions is what may happen, one after the other, in any order. What stands
// here under two names happens more often.
func (w *world) actions() map[string]func(*rapid.T) {
	actions := map[string]func(*rapid.T){
		"publish": w.publishSome, "publish more": w.publishSome, "publish many": w.publishMany,
		"mark": w.markSome, "mark more": w.markSome, "list": w.listSome, "clock": w.moveClock,
		"slow": w.slowDown, "arrive": w.letArrive, "arrive more": w.letArrive, "lose": w.loseFrame, "repeat": w.repeatFrame,
		"drop": w.drop, "connect": w.reconnect, "hello": w.helloAgain, "torn hello": w.helloTorn,
		"agree": func(*rapid.T) { w.agree() },
	}
	for what, do := range actions {
		actions[what] = func(t *rapid.T) {
			do(t)
			w.collect()
		}
	}
	return actions
}

// that draws a device; none of them suits where there is nothing to do.
func (w *world) that(t *rapid.T, suits func(*wired) bool) *wired {
	var some []*wired
	for _, v := range w.devices {
		if suits(v) {
			some = append(some, v)
		}
	}
	if len(some) == 0 {
		drawAnother(t, "no such device")
	}
	return some[rapid.IntRange(0, len(some)-1).Draw(t, "device")]
}

// drawAnother ends an action that does not suit: the state machine draws the next
// one (rapid's Skip). No test is skipped by it.
func drawAnother(t *rapid.T, why string) { t.Skip(why) }

func (w *world) publishSome(t *rapid.T) {
	var all []asked
	for range rapid.IntRange(1, 4).Draw(t, "requests") {
		a := asked{users: pick(t, "users", []string{"ada"}, []string{"ada", "eve"})}
		switch pick(t, "request", "notify", "notify", "notify", "live", "withdraw") {
		case "withdraw":
			a.recall = &recall{source: pick(t, "source", "shop", "chat"), key: pick(t, "key", "", "k0", "k1")}
			if a.recall.key == "" {
				a.recall.id = fmt.Sprint("n", rapid.IntRange(1, w.names+1).Draw(t, "id"))
			}
		case "live":
			a.live = true
			a.draft = draft{source: "chat", id: "typing", kind: "t0", text: "Eve is typing"}
		default:
			a.draft = w.draft(t)
		}
		all = append(all, a)
	}
	w.publishes(all)
}

// publishMany goes beyond the counts, a page, a commit and a replay's part.
func (w *world) publishMany(t *rapid.T) {
	all := make([]asked, rapid.IntRange(20, 100).Draw(t, "requests"))
	for i := range all {
		all[i] = asked{users: []string{"ada"}, draft: draft{source: "shop", id: w.name(), kind: fmt.Sprint("t", i%2), text: "one of many"}}
	}
	w.publishes(all)
}

// publishes makes one call, and compares its answers with the models.
func (w *world) publishes(all []asked) {
	w.t.Helper()
	var requests []map[string]any
	for _, a := range all {
		requests = append(requests, a.request())
	}
	payload, err := json.Marshal(map[string]any{"requests": requests})
	if err != nil {
		w.t.Fatal(err)
	}
	answers := w.publish(string(payload)).(handler.Answers).Answers
	for i, a := range all {
		if !a.draft.expires.IsZero() && !w.now.Before(a.draft.expires) {
			if answers[i].Error == nil || answers[i].Error.Code != protocol.InvalidRequest {
				w.t.Fatalf("published again after its end: %+v, want it refused", answers[i])
			}
			continue
		}
		for n, user := range a.users {
			w.answered(a, w.models[user], answers[i].Results[n])
		}
	}
}

func (w *world) answered(a asked, m *model, r handler.Result) {
	w.t.Helper()
	var want handler.Result
	switch {
	case a.recall != nil:
		want.Outcome = handler.Absent
		if p, changed := m.withdraw(*a.recall, w.now); p != nil {
			want = handler.Result{Outcome: handler.Withdrawn, Offset: p.offset, Duplicate: !changed}
		}
	case a.live:
		want.Outcome = handler.Dropped
	default:
		p, duplicate := m.publish(a.draft, w.now)
		if p == nil {
			want.Outcome = handler.Failed
			break
		}
		want = handler.Result{Outcome: handler.Stored, Offset: p.offset, Duplicate: duplicate}
	}
	if r.Outcome == handler.Live {
		r.Outcome = map[bool]handler.Outcome{true: handler.Dropped, false: handler.Stored}[a.live]
	}
	w.same(fmt.Sprintf("answer to %+v", a.request()), want, handler.Result{Outcome: r.Outcome, Offset: r.Offset, Duplicate: r.Duplicate})
	if r.Outcome == handler.Failed && r.Error.Code != protocol.Conflict {
		w.t.Fatalf("%+v: %v, want a conflict", a, r.Error)
	}
}

// moveClock lets time pass. No connection outlives two hours.
func (w *world) moveClock(t *rapid.T) {
	by := pick(t, "by", time.Second, 5*time.Second, 5*time.Second, time.Minute, time.Hour, 25*time.Hour)
	if w.moved += by; w.moved > 80*24*time.Hour {
		drawAnother(t, "the sessions end")
	}
	w.now = w.now.Add(by)
	for _, v := range w.devices {
		if v.online && w.now.Sub(v.since) >= connections.MaxDuration {
			v.lose("unknown")
		}
	}
}

func (w *world) slowDown(t *rapid.T) {
	v := w.that(t, func(*wired) bool { return true })
	v.slow = !v.slow
}

func (w *world) letArrive(t *rapid.T) {
	v := w.that(t, func(v *wired) bool { return len(v.coming) > 0 })
	v.arrive(rapid.IntRange(0, len(v.coming)-1).Draw(t, "which"))
}

func (w *world) loseFrame(t *rapid.T) {
	v := w.that(t, func(v *wired) bool { return len(v.coming) > 0 })
	i := rapid.IntRange(0, len(v.coming)-1).Draw(t, "which")
	v.coming = append(v.coming[:i:i], v.coming[i+1:]...)
}

func (w *world) repeatFrame(t *rapid.T) {
	v := w.that(t, func(v *wired) bool { return len(v.coming) > 0 })
	v.coming = append(v.coming, v.coming[rapid.IntRange(0, len(v.coming)-1).Draw(t, "which")])
}

func (w *world) drop(t *rapid.T) {
	v := w.that(t, func(v *wired) bool { return v.online })
	v.lose(pick(t, "how", "told", "found out", "unknown"))
}

func (w *world) reconnect(t *rapid.T) {
	w.that(t, func(v *wired) bool { return !v.online }).connect()
}

func (w *world) helloAgain(t *rapid.T) {
	w.that(t, func(v *wired) bool { return v.online }).greet()
}

// helloTorn lets hello see the log while its latest commit, a moment ago, is half
// visible.
func (w *world) helloTorn(t *rapid.T) {
	v := w.that(t, func(v *wired) bool {
		c := w.store.latest[v.session.User]
		return v.online && len(c.Items) > 0 && w.now.Sub(c.Head.At) < 10*time.Second
	})
	writes := len(w.store.latest[v.session.User].Items)
	hidden := rapid.SliceOfN(rapid.Bool(), writes, writes).Draw(t, "hidden")
	w.store.tear(func(latest int) bool { return latest < writes && hidden[latest] }, v.greet)
}
