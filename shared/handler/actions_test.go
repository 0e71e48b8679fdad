package handler_test

import (
	"encoding/json"
	"fmt"
	"net/url"
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
		t.Skip("no such device")
	}
	return some[rapid.IntRange(0, len(some)-1).Draw(t, "device")]
}

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

func (w *world) markSome(t *rapid.T) {
	v := w.that(t, func(*wired) bool { return true })
	m := w.models[v.session.User]
	ask := protocol.Mark{ID: "m", State: pick(t, "state", protocol.Seen, protocol.Read, protocol.Unread, protocol.Archived)}
	some := m.posts
	if rapid.IntRange(0, 9).Draw(t, "any") > 0 {
		some = m.shown(w.now)
	}
	if ask.State != protocol.Unread && rapid.Bool().Draw(t, "by watermark") || len(some) == 0 {
		ask.Through = rapid.Int64Range(1, m.offset+3).Draw(t, "through")
	} else {
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(some)-1), 1, 5).Draw(t, "items") {
			ask.Items = append(ask.Items, some[i].offset)
		}
	}
	if ask.State == protocol.Unread && ask.Through > 0 {
		t.Skip("unread is no watermark")
	}
	if v.online && rapid.Bool().Draw(t, "by frame") {
		w.markByFrame(v, m, ask)
	} else {
		w.markOverHTTP(v, m, ask)
	}
}

func (w *world) markByFrame(v *wired, m *model, ask protocol.Mark) {
	w.t.Helper()
	answer := v.send(v.session, v.connection, string(protocol.Encode(&ask)))
	changed, refused := m.mark(ask, w.now)
	if refused != "" {
		w.same("mark", refused, decode[protocol.ErrorFrame](w.t, answer).Error.Code)
		return
	}
	got := decode[protocol.Marked](w.t, answer)
	w.same("mark", protocol.Marked{ID: "m", Offset: m.offset, Changed: changed, Counts: m.counts(w.now)}, got)
	v.coming = append(v.coming, func() { v.marked(ask, got) })
}

func (w *world) markOverHTTP(v *wired, m *model, ask protocol.Mark) {
	w.t.Helper()
	body, err := json.Marshal(ask)
	if err != nil {
		w.t.Fatal(err)
	}
	_, got := w.http("POST /notifications/mark", fmt.Sprintf(`"headers":{"authorization":"Bearer %s"},"body":%q`, v.session.Token, body))
	_, refused := m.mark(ask, w.now)
	if refused != "" {
		w.same("mark over HTTP", string(refused), got["code"])
		return
	}
	c := m.counts(w.now)
	w.same("mark over HTTP", map[string]any{"offset": float64(m.offset), "unread": float64(c.Unread), "unseen": float64(c.Unseen)}, got)
}

func (w *world) listSome(t *rapid.T) {
	user, f, limit := pick(t, "user", "ada", "eve"), pick(t, "filter", filters()...), pick(t, "limit", 0, 20, 100)
	http := rapid.Bool().Draw(t, "over HTTP")
	w.same(fmt.Sprintf("list of %s, %+v, limit %d, HTTP %v", user, f, limit, http), w.models[user].list(f, w.now), w.listed(user, f, limit, http))
}

// of is a device of the user's.
func (w *world) of(user string) *wired {
	if user == "eve" {
		return w.devices[len(w.devices)-1]
	}
	return w.devices[0]
}

// byFrame gives a page by a frame.
func (w *world) byFrame(user string, ask protocol.List) (items []protocol.Item, more bool) {
	v := w.of(user)
	page := decode[protocol.Page](w.t, v.send(v.session, v.connection, string(protocol.Encode(&ask))))
	return page.Items, page.More
}

// overHTTP gives a page with GET, and looks at what stands beside it.
func (w *world) overHTTP(user string, ask protocol.List) (items []protocol.Item, more bool) {
	query := map[string]string{"type": url.QueryEscape(ask.Filter.Type)}
	for name, value := range map[string]any{"before": ask.Before, "limit": ask.Limit, "unread": ask.Filter.Unread, "archived": ask.Filter.Archived} {
		query[name] = fmt.Sprint(value)
	}
	text, _ := json.Marshal(query) // a map of strings
	got := w.request("GET /notifications", fmt.Sprintf(`"headers":{"authorization":"Bearer %s"},"queryStringParameters":%s`, w.of(user).session.Token, text))
	var page handler.Notifications
	if err := json.Unmarshal([]byte(got.Body), &page); err != nil || got.StatusCode != 200 {
		w.t.Fatalf("GET /notifications: %d, %v", got.StatusCode, err)
	}
	m := w.models[user]
	w.same("beside the list of "+user, []any{user, m.offset, m.counts(w.now)}, []any{page.User, page.Offset, page.Counts})
	return page.Items, page.Next > 0
}

// moveClock lets time pass. No connection outlives two hours.
func (w *world) moveClock(t *rapid.T) {
	by := pick(t, "by", time.Second, 5*time.Second, 5*time.Second, time.Minute, time.Hour, 25*time.Hour)
	if w.moved += by; w.moved > 80*24*time.Hour {
		t.Skip("the sessions end")
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
