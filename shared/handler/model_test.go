package handler_test

import (
	"slices"
	"time"

	"bellhop/shared/protocol"
)

// model is one user's log as PROTOCOL.md and README.md tell of it, with nothing
// worked out later: each change is brought to every post at once.
type model struct {
	offset, last         int64 // of the latest change, and of the latest that touched a post
	seen, read, archived int64 // the watermarks
	posts                []*post
	names                map[string]name  // by source and id
	keys                 map[string]*post // by collapse key, the latest
}

// post is one notification of the log.
type post struct {
	source, id, kind           string
	offset, since              int64 // since: unread since
	expires                    time.Time
	read, seen, archived, gone bool
}

// name is what a source and an id stand for.
type name struct {
	post  *post
	body  string
	until time.Time
}

func newModel() *model { return &model{names: map[string]name{}, keys: map[string]*post{}} }

func (p *post) shows(now time.Time) bool { return !p.gone && now.Before(p.expires) }

func (m *model) shown(now time.Time) []*post {
	return slices.DeleteFunc(slices.Clone(m.posts), func(p *post) bool { return !p.shows(now) })
}

// touch takes the next offset for a change of posts.
func (m *model) touch() int64 {
	m.offset++
	m.last = m.offset
	return m.offset
}

// publish gives the post that stands for the draft; none says that another body
// has its name.
func (m *model) publish(d draft, now time.Time) (p *post, duplicate bool) {
	if known, ok := m.names[d.source+" "+d.id]; ok && now.Before(known.until) {
		if known.body != d.body() {
			return nil, false
		}
		return known.post, true
	}
	if old := m.keys[d.key]; old != nil && old.shows(now) {
		m.takeBack(old)
	}
	at := m.touch()
	p = &post{source: d.source, id: d.id, kind: d.kind, offset: at, since: at, expires: d.end(now)}
	m.posts = append(m.posts, p)
	m.names[d.source+" "+d.id] = name{p, d.body(), now.Add(24 * time.Hour)}
	if d.key != "" {
		m.keys[d.key] = p
	}
	return p, false
}

func (m *model) takeBack(p *post) {
	m.touch()
	p.gone = true
}

// withdraw gives the post that was taken back, now or before; none says that
// there is nothing to take back.
func (m *model) withdraw(r recall, now time.Time) (p *post, changed bool) {
	if r.key != "" {
		if p = m.keys[r.key]; p == nil || !p.shows(now) || p.source != r.source {
			return nil, false
		}
	} else if p = m.names[r.source+" "+r.id].post; p == nil || !now.Before(p.expires) {
		return nil, false
	}
	if p.gone {
		return p, false
	}
	m.takeBack(p)
	return p, true
}

// mark says whether anything changed, or with which code the mark is refused.
func (m *model) mark(ask protocol.Mark, now time.Time) (changed bool, refused protocol.Code) {
	switch {
	case ask.State == protocol.Seen && len(ask.Items) > 0:
		return m.through(protocol.Seen, slices.Max(ask.Items)), ""
	case ask.Through > 0:
		return m.through(ask.State, ask.Through), ""
	}
	var marked []*post
	for _, offset := range slices.Sorted(slices.Values(ask.Items)) {
		i := slices.IndexFunc(m.posts, func(p *post) bool { return p.offset == offset && p.shows(now) })
		if i < 0 {
			return false, protocol.NotFound
		}
		p := m.posts[i]
		if ask.State == protocol.Unread && p.archived {
			return false, protocol.Conflict
		}
		if !p.is(ask.State) {
			marked = append(marked, p)
		}
	}
	if len(marked) == 0 {
		return false, ""
	}
	at := m.touch()
	for _, p := range marked {
		p.become(ask.State, at)
	}
	return true, ""
}

func (p *post) is(state protocol.State) bool {
	return map[protocol.State]bool{protocol.Read: p.read, protocol.Unread: !p.read, protocol.Archived: p.archived}[state]
}

func (p *post) become(state protocol.State, at int64) {
	p.seen = true
	switch state {
	case protocol.Read:
		p.read = true
	case protocol.Unread:
		p.read, p.since = false, at
	case protocol.Archived:
		p.read, p.archived = true, true
	}
}

// through moves a watermark: up to the latest change of a post, and never back.
func (m *model) through(state protocol.State, to int64) (changed bool) {
	to = min(to, m.last)
	mark := map[protocol.State]*int64{protocol.Seen: &m.seen, protocol.Read: &m.read, protocol.Archived: &m.archived}[state]
	if to <= *mark {
		return false
	}
	*mark = to
	m.offset++
	if state == protocol.Archived {
		m.read = max(m.read, to)
	}
	for _, p := range m.posts {
		reached := p.offset
		if state == protocol.Read {
			reached = p.since
		}
		if reached <= to {
			p.become(state, 0)
		}
	}
	return true
}

// list is what a list shows, newest first, without the events.
func (m *model) list(f protocol.Filter, now time.Time) []protocol.Item {
	items := []protocol.Item{}
	for _, p := range slices.Backward(m.shown(now)) {
		if p.archived != f.Archived || (f.Unread && p.read) || (f.Type != "" && f.Type != p.kind) {
			continue
		}
		i := protocol.Item{Offset: p.offset, Read: p.read, Seen: p.seen, Archived: p.archived}
		if p.since > p.offset && !p.read {
			i.UnreadSince = p.since
		}
		items = append(items, i)
	}
	return items
}

func (m *model) counts(now time.Time) (c protocol.Counts) {
	for _, p := range m.shown(now) {
		if !p.read {
			c.Unread++
		}
		if !p.read && !p.seen {
			c.Unseen++
		}
	}
	return protocol.Counts{Unread: min(c.Unread, 100), Unseen: min(c.Unseen, 100)}
}
