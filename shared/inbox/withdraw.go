package inbox

import (
	"context"
	"encoding/json"
	"fmt"

	"bellhop/shared/notification"
)

// Recall names a notification that is to be withdrawn: by its source and id, or
// as the latest one of a source with a collapse key.
type Recall struct {
	Source      string
	ID          string
	CollapseKey string // instead of ID
}

// Withdrawn says what became of a recall.
type Withdrawn struct {
	Head    Head
	Item    int64 // the item; 0: the log has no such notification (any more)
	Offset  int64 // of the change that withdrew it
	Changed bool  // false: it was withdrawn before, and no offset was taken
}

// Withdraw takes a notification back: it is in no list, count or replay from
// then on, and devices that know it are told. An item keeps its place, without
// its event, until it expires.
//
// It finds a notification by its id for as long as its item lasts, and by a
// collapse key while it shows under that and is of the same source. Withdrawing
// again changes nothing.
func (l *Log) Withdraw(ctx context.Context, user string, r Recall) (done Withdrawn, err error) {
	var want Want
	if r.CollapseKey != "" {
		want.Pointers = []string{r.CollapseKey}
	} else {
		want.Markers = []string{notification.IDHash(r.Source, r.ID)}
	}
	err = l.change(ctx, user, want, func(loaded Loaded) (*Change, error) {
		a := l.attempt(user, loaded)
		done, err = a.recall(ctx, r)
		return a.result(), err
	})
	if err != nil {
		return Withdrawn{}, fmt.Errorf("withdraw from the log of %s: %w", user, err)
	}
	return done, nil
}

func (a *attempt) recall(ctx context.Context, r Recall) (Withdrawn, error) {
	none := Withdrawn{Head: a.change.Head}
	offset := a.recalled(r)
	if offset == 0 {
		return none, nil
	}
	item, err := a.item(ctx, offset)
	switch {
	case err != nil || !a.log.now().Before(item.Expires):
		return none, err
	case r.CollapseKey != "" && !item.from(r.Source): // nor of any other, when it was withdrawn
		return none, nil
	case !item.Withdrawn.IsZero():
		return Withdrawn{Head: a.change.Head, Item: offset, Offset: item.Changed}, nil
	}
	gone, err := a.withdraw(ctx, offset)
	if err != nil {
		return none, err
	}
	return Withdrawn{Head: a.change.Head, Item: offset, Offset: gone.Offset, Changed: true}, nil
}

// recalled is the offset that the loaded records lead to; 0 for none.
func (a *attempt) recalled(r Recall) int64 {
	if r.CollapseKey != "" {
		return a.loaded.Pointers[r.CollapseKey].Offset
	}
	return a.loaded.Markers[notification.IDHash(r.Source, r.ID)].Offset
}

// from says whether the item's event is of this source.
func (i Item) from(source string) bool {
	var event struct {
		Source string `json:"source"`
	}
	return json.Unmarshal(i.Event, &event) == nil && event.Source == source
}
