package handler_test

import (
	"encoding/json"
	"fmt"
	"net/url"

	"bellhop/shared/handler"
	"bellhop/shared/protocol"

	"pgregory.net/rapid"
)

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
		drawAnother(t, "unread is no watermark")
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
