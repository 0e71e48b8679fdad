package handler

import (
	"context"
	"sync"

	"bellhop/shared/inbox"
	"bellhop/shared/notification"
	"bellhop/shared/protocol"
)

// deliveries sorts the requests of a call by user.
type deliveries struct {
	users []*delivery
	index map[string]*delivery
}

// delivery is all that one call has for one user, in the order of its requests.
type delivery struct {
	user  string
	parts []*part
}

// part is one request for one user.
type part struct {
	*request
	live   []byte // the frame of a notification that is not stored, the same for all users
	result *Result

	head     inbox.Head // after it; zero for what is not in the log
	appended inbox.Appended
	withdrew inbox.Withdrawn
}

func (d *deliveries) add(r *request, results []Result) {
	if d.index == nil {
		d.index = make(map[string]*delivery)
	}
	id := r.notification.ID
	var live []byte
	if r.recall != nil {
		id = r.recall.ID
	} else if !r.store {
		live = protocol.Encode(&protocol.Notification{Event: r.notification.Event})
	}
	for i, user := range r.users {
		results[i] = Result{User: user, ID: id}
		own := d.index[user]
		if own == nil {
			own = &delivery{user: user}
			d.index[user] = own
			d.users = append(d.users, own)
		}
		own.parts = append(own.parts, &part{request: r, live: live, result: &results[i]})
	}
}

// deliverAll works on up to atOnce users at a time.
func (h *Publish) deliverAll(ctx context.Context, users []*delivery) {
	if len(users) == 1 {
		h.deliver(ctx, users[0])
		return
	}
	free := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for _, d := range users {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			h.deliver(ctx, d)
		})
	}
	wg.Wait()
}

// deliver stores what is to be stored, and then tells the user's devices: they
// are read after the append, so that a device which says hello meanwhile is
// seen here or sees the log's new end.
func (h *Publish) deliver(ctx context.Context, d *delivery) {
	h.write(ctx, d)
	if err := h.tell(ctx, d); err != nil {
		h.Logger.WarnContext(ctx, "devices not told", "user", d.user, "error", err)
	}
	for _, p := range d.parts {
		p.conclude()
	}
}

// write brings the parts into the log in their order, and all notifications
// that no recall stands between in one go.
func (h *Publish) write(ctx context.Context, d *delivery) {
	var run []*part
	for _, p := range d.parts {
		switch {
		case p.recall != nil:
			h.append(ctx, d.user, run)
			h.withdraw(ctx, d.user, p)
			run = nil
		case p.store:
			run = append(run, p)
		}
	}
	h.append(ctx, d.user, run)
}

func (h *Publish) append(ctx context.Context, user string, parts []*part) {
	if len(parts) == 0 {
		return
	}
	ns := make([]notification.Notification, len(parts))
	for i, p := range parts {
		ns[i] = p.notification
	}
	appended, err := h.Inbox.Append(ctx, user, ns)
	for i, p := range parts {
		switch {
		case i < len(appended) && appended[i].Err == nil:
			p.accept(appended[i])
		case i < len(appended):
			p.fail(clientError(ctx, h.Logger, appended[i].Err))
		default:
			p.fail(clientError(ctx, h.Logger, err))
		}
	}
}

func (p *part) accept(a inbox.Appended) {
	p.appended, p.head = a, a.Head
	p.result.Epoch, p.result.Offset, p.result.Duplicate = a.Head.Epoch, a.Item.Offset, a.Duplicate
}

func (h *Publish) withdraw(ctx context.Context, user string, p *part) {
	done, err := h.Inbox.Withdraw(ctx, user, *p.recall)
	switch {
	case err != nil:
		p.fail(clientError(ctx, h.Logger, err))
	case done.Item == 0:
		p.result.Outcome = Absent
	default:
		p.result.Outcome, p.result.Epoch, p.result.Offset, p.result.Duplicate = Withdrawn, done.Head.Epoch, done.Item, !done.Changed
		p.head, p.withdrew = done.Head, done
	}
}

func (p *part) fail(err *protocol.Error) {
	p.result.Outcome, p.result.Error = Failed, err
}

// conclude fills in the outcome of a notification that did not fail.
func (p *part) conclude() {
	switch {
	case p.result.Outcome != "":
	case p.result.Reached > 0:
		p.result.Outcome = Live
	case p.store:
		p.result.Outcome = Stored
	default:
		p.result.Outcome = Dropped
	}
}

// tell sends the frames of each part to the user's ready devices, if any. One
// that is gone or out of reach is not tried again for the next part.
func (h *Publish) tell(ctx context.Context, d *delivery) error {
	rows, err := h.Devices.Ready(ctx, d.user, "")
	if err != nil || len(rows) == 0 {
		return err
	}
	counts, err := h.counts(ctx, d)
	if err != nil {
		return err
	}
	for _, p := range d.parts {
		sent := h.Devices.Send(ctx, rows, p.frames(counts)...)
		p.result.Reached, rows = sent.Reached, sent.Rest
		if sent.TooLarge && sent.Reached == 0 && p.live != nil {
			p.fail(protocol.NewError(protocol.TooLarge, "the gateway refused the frame for its size"))
		}
	}
	return nil
}

// counts reads the badge once for all parts, at the latest head of any.
func (h *Publish) counts(ctx context.Context, d *delivery) (*protocol.Counts, error) {
	var head inbox.Head
	for _, p := range d.parts {
		if p.head.Offset > head.Offset {
			head = p.head
		}
	}
	if head.Epoch == "" {
		return nil, nil
	}
	counts, err := h.Inbox.Counts(ctx, d.user, head)
	return &counts, err
}

// frames are what devices are sent: for a stored notification its replacement's
// withdrawal before it, and nothing for a duplicate that no longer shows.
func (p *part) frames(counts *protocol.Counts) [][]byte {
	switch {
	case p.result.Error != nil:
		return nil
	case p.live != nil:
		return [][]byte{p.live}
	case p.withdrew.Item > 0: // also where it was withdrawn before: that call may have told nobody
		return [][]byte{withdrawn(p.head.Epoch, inbox.Replacement{Item: p.withdrew.Item, Offset: p.withdrew.Offset}, *counts)}
	case p.recall != nil, p.appended.Gone:
		return nil
	}
	a := p.appended
	var frames [][]byte
	if r := a.Replaced; r != nil {
		frames = append(frames, withdrawn(a.Head.Epoch, *r, *counts))
	}
	return append(frames, protocol.Encode(&protocol.Notification{
		Epoch: a.Head.Epoch, Offset: a.Item.Offset, Event: a.Item.Event, Counts: counts,
	}))
}

func withdrawn(epoch string, r inbox.Replacement, counts protocol.Counts) []byte {
	return protocol.Encode(&protocol.Withdrawn{Epoch: epoch, Offset: r.Offset, Items: []int64{r.Item}, Counts: counts})
}
