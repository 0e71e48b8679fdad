package handler_test

import (
	"encoding/json"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// draft is a notification as a backend publishes it.
type draft struct {
	source, id, kind, key, text string
	pad                         int           // bytes beside the text
	expires                     time.Time     // its expirytime, or
	ttl                         time.Duration // beside it
}

// attributes are the event's, in JSON.
func (d draft) attributes() map[string]any {
	e := map[string]any{"source": d.source, "id": d.id, "type": d.kind, "data": map[string]string{"title": d.text, "body": strings.Repeat("x", d.pad)}}
	if d.key != "" {
		e["collapsekey"] = d.key
	}
	if !d.expires.IsZero() {
		e["expirytime"] = d.expires.UTC().Format(time.RFC3339)
	}
	return e
}

// body is what makes two drafts the same.
func (d draft) body() string {
	b, _ := json.Marshal(d.attributes()) // a map of strings
	return string(b)
}

// end is when it expires.
func (d draft) end(now time.Time) time.Time {
	switch {
	case d.ttl > 0:
		return now.Add(d.ttl)
	case !d.expires.IsZero():
		return d.expires
	}
	return now.Add(90 * 24 * time.Hour)
}

// recall is a notification as a backend takes it back.
type recall struct{ source, id, key string }

// asked is one request of a publish.
type asked struct {
	users  []string
	draft  draft
	live   bool    // it is not to be stored
	recall *recall // instead
}

func (a asked) request() map[string]any {
	if r := a.recall; r != nil {
		request := map[string]any{"op": "withdraw", "users": a.users, "source": r.source}
		if r.key != "" {
			request["collapsekey"] = r.key
		} else {
			request["id"] = r.id
		}
		return request
	}
	request := map[string]any{"users": a.users, "notification": a.draft.attributes()}
	if a.live {
		request["store"] = false
	}
	if a.draft.ttl > 0 {
		request["ttl"] = a.draft.ttl / time.Second
	}
	return request
}

// pick draws one of these.
func pick[T any](t *rapid.T, what string, among ...T) T {
	return rapid.SampledFrom(among).Draw(t, what)
}

// draft draws a new notification, or one that was published before, or one with
// the name of such.
func (w *world) draft(t *rapid.T) draft {
	kind := "new"
	if len(w.drafts) > 0 {
		kind = pick(t, "draft", "new", "new", "new", "new", "again", "other body")
	}
	if kind != "new" {
		d := pick(t, "earlier", w.drafts...)
		if kind == "other body" {
			d.text += "!"
		}
		return d
	}
	d := draft{
		source: pick(t, "source", "shop", "chat"), id: w.name(), kind: pick(t, "type", "t0", "t1"),
		key: pick(t, "key", "", "", "k0", "k1"), text: "new", pad: pick(t, "pad", 0, 0, 9_000, 20_000),
	}
	switch pick(t, "life", "retention", "retention", "ttl", "expirytime") {
	case "ttl":
		d.ttl = pick(t, "ttl", 5*time.Second, time.Minute)
	case "expirytime":
		d.expires = w.now.Add(pick(t, "expires in", 5*time.Second, time.Hour))
	}
	w.drafts = append(w.drafts, d)
	return d
}
