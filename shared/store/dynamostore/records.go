package dynamostore

import (
	"fmt"
	"strings"

	"bellhop/shared/inbox"
)

func headRow(user string, h inbox.Head) row {
	w := writer(inboxKey(user, keyHead))
	w["epoch"], w["offset"] = text(h.Epoch), number(h.Offset)
	w.setNumber("last_item", h.LastItem)
	w.setNumber("seen_through", h.SeenThrough)
	w.setNumber("read_through", h.ReadThrough)
	w.setMillis("at", h.At)
	return row(w)
}

func readHead(r reader) inbox.Head {
	return inbox.Head{
		Epoch: r.text("epoch"), Offset: r.number("offset"), LastItem: r.number("last_item"),
		SeenThrough: r.number("seen_through"), ReadThrough: r.number("read_through"), At: r.millis("at"),
	}
}

func itemRow(user string, i inbox.Item) row {
	w := writer(inboxKey(user, itemKey(i.Offset)))
	w["changed"] = number(i.Changed)
	w.setNumber("unread", i.Unread)
	if len(i.Event) > 0 {
		w["event"] = text(string(i.Event))
	}
	w.setMillis("read_at", i.Read)
	w.setMillis("archived_at", i.Archived)
	w.setMillis("withdrawn_at", i.Withdrawn)
	w.setSeconds("expires", i.Expires)
	return row(w)
}

func readItem(r reader) (inbox.Item, error) {
	offset, err := offsetOf(r.text("key"))
	if err != nil {
		return inbox.Item{}, fmt.Errorf("key %q is no item's: %w", r.text("key"), err)
	}
	i := inbox.Item{
		Offset: offset, Changed: r.number("changed"), Unread: r.number("unread"),
		Read: r.millis("read_at"), Archived: r.millis("archived_at"), Withdrawn: r.millis("withdrawn_at"),
		Expires: r.seconds("expires"),
	}
	if event := r.text("event"); event != "" {
		i.Event = []byte(event)
	}
	return i, nil
}

func markerRow(user string, w inbox.MarkerWrite) row {
	m := writer(inboxKey(user, prefixMarker+w.ID))
	m["offset"], m["hash"] = number(w.Marker.Offset), binary(w.Marker.Hash[:])
	m.setSeconds("expires", w.Marker.Expires)
	return row(m)
}

func readMarker(r reader) inbox.Marker {
	m := inbox.Marker{Offset: r.number("offset"), Expires: r.seconds("expires")}
	copy(m.Hash[:], r.binary("hash"))
	return m
}

func pointerRow(user string, w inbox.PointerWrite) row {
	p := writer(inboxKey(user, prefixPointer+w.CollapseKey))
	p["offset"] = number(w.Pointer.Offset)
	p.setSeconds("expires", w.Pointer.Expires)
	return row(p)
}

// add puts a row that was read where it belongs.
func add(l *inbox.Loaded, r reader) error {
	key := r.text("key")
	switch {
	case key == keyHead:
		l.Head = readHead(r)
	case strings.HasPrefix(key, prefixMarker):
		l.Markers[key[len(prefixMarker):]] = readMarker(r)
	case strings.HasPrefix(key, prefixPointer):
		l.Pointers[key[len(prefixPointer):]] = inbox.Pointer{Offset: r.number("offset"), Expires: r.seconds("expires")}
	default:
		item, err := readItem(r)
		if err != nil {
			return err
		}
		l.Items[item.Offset] = item
	}
	return nil
}
