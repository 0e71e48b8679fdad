package dynamostore

import (
	"fmt"

	"bellhop/shared/inbox"
)

func headRow(user string, h inbox.Head) row {
	r := logKey(user, headKey)
	r["epoch"] = text(h.Epoch)
	r["offset"] = number(h.Offset)
	r["last_item"] = number(h.LastItem)
	setNumber(r, "last_from", h.LastFrom)
	setNumber(r, "last_count", h.LastCount)
	r["seen_through"] = number(h.SeenThrough)
	r["read_through"] = number(h.ReadThrough)
	r["archived_through"] = number(h.ArchivedThrough)
	setMillis(r, "at", h.At)
	return r
}

func headOf(r row) (inbox.Head, error) {
	read := reader{row: r}
	return inbox.Head{
		Epoch:           read.text("epoch"),
		Offset:          read.number("offset"),
		LastItem:        read.number("last_item"),
		LastFrom:        read.number("last_from"),
		LastCount:       read.number("last_count"),
		At:              read.millis("at"),
		SeenThrough:     read.number("seen_through"),
		ReadThrough:     read.number("read_through"),
		ArchivedThrough: read.number("archived_through"),
	}, read.err
}

func itemRow(user string, i inbox.Item) row {
	r := logKey(user, itemKey(i.Offset))
	r["changed"] = number(i.Changed)
	setNumber(r, "unread", i.Unread)
	if len(i.Event) > 0 {
		r["event"] = text(string(i.Event))
	}
	setMillis(r, "read_at", i.Read)
	setMillis(r, "archived_at", i.Archived)
	setMillis(r, "withdrawn_at", i.Withdrawn)
	setSeconds(r, "expires", i.Expires)
	return r
}

// itemOf reads an item, or the part of it that an index holds.
func itemOf(r row) (inbox.Item, error) {
	read := reader{row: r}
	offset, err := offsetOf(read.text("key"))
	if err != nil {
		read.fail(err)
	}
	i := inbox.Item{
		Offset:    offset,
		Changed:   read.number("changed"),
		Unread:    read.number("unread"),
		Read:      read.millis("read_at"),
		Archived:  read.millis("archived_at"),
		Withdrawn: read.millis("withdrawn_at"),
		Expires:   read.seconds("expires"),
	}
	if event := read.text("event"); event != "" {
		i.Event = []byte(event)
	}
	return i, read.err
}

func markerRow(user string, w inbox.MarkerWrite) row {
	r := logKey(user, markerPrefix+w.ID)
	r["offset"] = number(w.Marker.Offset)
	r["hash"] = binary(w.Marker.Hash[:])
	setSeconds(r, "until", w.Marker.Until)
	setSeconds(r, "expires", w.Marker.Expires)
	return r
}

func markerOf(r row) (inbox.Marker, error) {
	read := reader{row: r}
	m := inbox.Marker{Offset: read.number("offset"), Until: read.seconds("until"), Expires: read.seconds("expires")}
	if hash := read.binary("hash"); copy(m.Hash[:], hash) != len(m.Hash) || len(hash) != len(m.Hash) {
		read.fail(fmt.Errorf("attribute hash has %d bytes", len(hash)))
	}
	return m, read.err
}

func pointerRow(user string, w inbox.PointerWrite) row {
	r := logKey(user, pointerPrefix+w.CollapseKey)
	r["offset"] = number(w.Pointer.Offset)
	setSeconds(r, "expires", w.Pointer.Expires)
	return r
}

func pointerOf(r row) (inbox.Pointer, error) {
	read := reader{row: r}
	return inbox.Pointer{Offset: read.number("offset"), Expires: read.seconds("expires")}, read.err
}
