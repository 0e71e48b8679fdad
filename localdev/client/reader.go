package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"bellhop/shared/protocol"
)

// reader is the one goroutine that reads frames and works on the sequence.
//
// At most one request of its own is under way: a hello, or a list after a
// welcome that could not replay. Frames that come meanwhile are taken as ever.
type reader struct {
	client *Client
	seq    sequence

	asked string            // id of the request under way; "" for none
	from  Position          // where the sequence was when hello was said
	page  *protocol.Welcome // not nil: a welcome that did not replay, and
	items []protocol.Item   // what its page and the lists after it gave so far
}

func newReader(c *Client, at Position) *reader {
	return &reader{client: c, seq: newSequence(at), asked: c.newID(), from: at}
}

// run reads until the connection ends.
func (r *reader) run() {
	err := r.read()
	_ = r.client.conn.CloseNow() // after a fault of a frame it is still open
	if r.client.closing.Load() {
		err = ErrClosed
	}
	r.client.queue.end(fmt.Errorf("connection ended: %w", err))
	close(r.client.done)
}

func (r *reader) read() error {
	for {
		_, data, err := r.client.conn.Read(context.Background())
		if err != nil {
			return err
		}
		frame, err := protocol.DecodeServer(data)
		if err == nil {
			err = r.frame(frame)
		}
		if err != nil {
			return err
		}
	}
}

func (r *reader) frame(frame protocol.ServerFrame) error {
	switch f := frame.(type) {
	case *protocol.Welcome:
		return r.welcome(f)
	case *protocol.Page:
		if f.ID == r.asked {
			return r.listed(f)
		}
		r.client.answer(f.ID, f)
	case *protocol.Marked:
		// Its offset may be that of a change which is still to come, where
		// nothing had to be marked: the position stays.
		r.client.answer(f.ID, f)
	case *protocol.ErrorFrame:
		return r.refused(f)
	case *protocol.Disconnect:
		r.client.queue.put(Change{Position: r.seq.at, Disconnect: f})
	default:
		return r.change(frame)
	}
	return nil
}

// change takes a frame that has a place in the log, and asks for what is
// missing before it.
func (r *reader) change(frame protocol.ServerFrame) error {
	var c Change
	switch f := frame.(type) {
	case *protocol.Notification:
		item := &protocol.Item{Offset: f.Offset, Event: f.Event}
		c = Change{Position: Position{f.Epoch, f.Offset}, Notification: item, Counts: f.Counts}
		if f.Epoch == "" {
			c.Position = r.seq.at
			r.client.queue.put(c)
			return nil
		}
	case *protocol.StateChange:
		c = Change{Position: Position{f.Epoch, f.Offset}, State: f, Counts: &f.Counts}
	case *protocol.Withdrawn:
		c = Change{Position: Position{f.Epoch, f.Offset}, Withdrawn: f, Counts: &f.Counts}
	default:
		return nil // a pong, or a frame of a later version
	}
	r.put(r.seq.take(c))
	return r.closeGap()
}

func (r *reader) put(changes []Change) {
	for _, c := range changes {
		r.client.queue.put(c)
	}
}

// refused ends the connection if it was the reader's own request: dialling
// again is the way to repeat it.
func (r *reader) refused(f *protocol.ErrorFrame) error {
	answered := f.ID != "" && r.client.answer(f.ID, f)
	if f.ID != "" && f.ID == r.asked {
		return f.Error
	}
	if !answered {
		r.client.queue.put(Change{Position: r.seq.at, Failure: f.Error})
	}
	return nil
}

// hello asks for what comes after the position.
func (r *reader) hello() error {
	return r.client.send(context.Background(), &protocol.Hello{ID: r.asked, Epoch: r.from.Epoch, Offset: r.from.Offset})
}

// closeGap says hello again if something is missing, unless a request is under
// way already.
func (r *reader) closeGap() error {
	if r.asked != "" || !r.seq.gap() {
		return nil
	}
	r.seq.lost = false
	return r.again()
}

func (r *reader) again() error {
	r.asked, r.from = r.client.newID(), r.seq.at
	return r.hello()
}

func (r *reader) welcome(w *protocol.Welcome) error {
	if w.ID != r.asked {
		return nil
	}
	defer r.client.answer(w.ID, w)
	to := Position{w.Epoch, w.Offset}
	switch {
	case w.Recovered:
		return r.replay(w, to)
	case w.Epoch != r.from.Epoch || w.Offset < r.from.Offset:
		r.client.queue.put(Change{Position: to, Reset: w, Counts: &w.Counts})
		r.put(r.seq.reach(to))
		return r.settle(to)
	}
	r.page, r.items = w, w.Items
	return r.older(w.More)
}

// replay gives what changed, unless frames have told all of it meanwhile.
func (r *reader) replay(w *protocol.Welcome, to Position) error {
	if to.Offset > r.seq.at.Offset {
		r.give(w.Items, to)
	}
	if w.More {
		if to.Offset <= r.from.Offset {
			return errors.New("a welcome that says more does not move on")
		}
		r.advance(to)
		return r.again()
	}
	return r.settle(to)
}

// older asks for the page before those that came, unless they reach back to
// what is known.
func (r *reader) older(more bool) error {
	n := len(r.items)
	if !more || n == 0 || r.items[n-1].Offset <= r.from.Offset {
		to := Position{r.page.Epoch, r.page.Offset}
		if to.Offset > r.seq.at.Offset {
			r.give(r.items, to)
		}
		r.page, r.items = nil, nil
		return r.settle(to)
	}
	r.asked = r.client.newID()
	ask := &protocol.List{ID: r.asked, Before: r.items[n-1].Offset, Limit: protocol.MaxList}
	return r.client.send(context.Background(), ask)
}

func (r *reader) listed(p *protocol.Page) error {
	r.items = append(r.items, p.Items...)
	return r.older(p.More)
}

// give puts items: those that are known already as they are now, then the new
// ones up to a position in the order of the log. Each new one's offset is a
// position to resume from, since everything before it has been given.
func (r *reader) give(items []protocol.Item, to Position) {
	known := r.seq.at
	sorted := slices.Clone(items)
	slices.SortFunc(sorted, func(a, b protocol.Item) int { return cmp.Compare(a.Offset, b.Offset) })
	for _, item := range sorted {
		if item.Offset > known.Offset {
			if !item.Withdrawn && item.Offset <= to.Offset {
				r.client.queue.put(Change{Position: Position{known.Epoch, item.Offset}, Notification: &item})
			}
			continue
		}
		item.Event = nil
		r.client.queue.put(Change{Position: known, Updated: &item})
	}
}

// settle ends a request: the position is what the service named, or what frames
// have reached beyond it.
func (r *reader) settle(to Position) error {
	r.advance(to)
	r.asked = ""
	return r.closeGap()
}

func (r *reader) advance(to Position) {
	if to.Epoch == r.seq.at.Epoch && to.Offset <= r.seq.at.Offset {
		r.seq.forget()
		return
	}
	next := r.seq.reach(to)
	r.client.queue.move(to)
	r.put(next)
}
