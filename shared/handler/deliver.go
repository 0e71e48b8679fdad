package handler

import (
	"context"
	"sync"

	"bellhop/shared/inbox"
	"bellhop/shared/notification"
	"bellhop/shared/protocol"
)

// deliveries sorts the notifications of a call by user.
type deliveries struct {
	users []*delivery
	index map[string]*delivery
}

// delivery is all that one call has for one user, in the order of its requests.
type delivery struct {
	user  string
	parts []*part
}

// part is one notification for one user.
type part struct {
	notification notification.Notification
	store        bool
	live         []byte // the frame of one that is not stored, the same for all users
	result       *Result

	appended inbox.Appended
}

func (d *deliveries) add(r request, results []Result) {
	if d.index == nil {
		d.index = make(map[string]*delivery)
	}
	var live []byte
	if !r.store {
		live = protocol.Encode(&protocol.Notification{Event: r.notification.Event})
	}
	for i, user := range r.users {
		results[i] = Result{User: user, ID: r.notification.ID}
		own := d.index[user]
		if own == nil {
			own = &delivery{user: user}
			d.index[user] = own
			d.users = append(d.users, own)
		}
		own.parts = append(own.parts, &part{notification: r.notification, store: r.store, live: live, result: &results[i]})
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
	h.append(ctx, d)
	if err := h.tell(ctx, d); err != nil {
		h.Logger.WarnContext(ctx, "devices not told", "user", d.user, "error", err)
	}
	for _, p := range d.parts {
		p.conclude()
	}
}

func (h *Publish) append(ctx context.Context, d *delivery) {
	var ns []notification.Notification
	var parts []*part
	for _, p := range d.parts {
		if p.store {
			ns, parts = append(ns, p.notification), append(parts, p)
		}
	}
	if len(ns) == 0 {
		return
	}
	appended, err := h.Inbox.Append(ctx, d.user, ns)
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
	p.appended = a
	p.result.Epoch, p.result.Offset, p.result.Duplicate = a.Head.Epoch, a.Item.Offset, a.Duplicate
}

func (p *part) fail(err *protocol.Error) {
	p.result.Outcome, p.result.Error = Failed, err
}

// conclude fills in the outcome of what did not fail.
func (p *part) conclude() {
	switch {
	case p.result.Error != nil:
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
		if sent.TooLarge && sent.Reached == 0 && !p.store {
			p.fail(protocol.NewError(protocol.TooLarge, "the gateway refused the frame for its size"))
		}
	}
	return nil
}

// counts reads the badge once for all parts, at the latest head of any.
func (h *Publish) counts(ctx context.Context, d *delivery) (*protocol.Counts, error) {
	var head inbox.Head
	for _, p := range d.parts {
		if p.appended.Head.Offset > head.Offset {
			head = p.appended.Head
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
	if p.result.Error != nil {
		return nil
	}
	if !p.store {
		return [][]byte{p.live}
	}
	a := p.appended
	if a.Gone {
		return nil
	}
	var frames [][]byte
	if r := a.Replaced; r != nil {
		frames = append(frames, protocol.Encode(&protocol.Withdrawn{
			Epoch: a.Head.Epoch, Offset: r.Offset, Items: []int64{r.Item}, Counts: *counts,
		}))
	}
	return append(frames, protocol.Encode(&protocol.Notification{
		Epoch: a.Head.Epoch, Offset: a.Item.Offset, Event: a.Item.Event, Counts: counts,
	}))
}
