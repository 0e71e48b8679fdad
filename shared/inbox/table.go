package inbox

import (
	"context"
	"errors"
	"time"
)

// Table stores the records of all users' logs. Its methods are safe for
// concurrent use. All reads are strongly consistent.
//
// A user's log changes by Commit alone, and every Commit moves the head, so
// that two changes of one user never both succeed on the same head. A read
// beside a Commit is only read-committed: it may see the new head and not yet
// the other records of the same Commit.
//
// Errors other than ErrConflict name the operation and the user, and wrap the
// store's own; the caller may try again.
type Table interface {
	// Load reads the user's head and the records named. What does not exist is
	// absent from the maps, and the head is the zero Head.
	Load(ctx context.Context, user string, want Want) (Loaded, error)

	// Query reads items of one user by an index, from an exclusive bound on.
	Query(ctx context.Context, user string, q Query) (Found, error)

	// Unread reads the unread index of one user, newest first.
	Unread(ctx context.Context, user string, q UnreadQuery) (UnreadPage, error)

	// Commit writes all or nothing. It fails with ErrConflict, and writes
	// nothing, when the head or any record is not what the change says that it
	// was. Any other error leaves open whether it was written.
	Commit(ctx context.Context, user string, c Change) error
}

// ErrConflict says that a record changed since it was read: read again.
var ErrConflict = errors.New("the log has changed meanwhile")

// MaxWrites is how many records one [Change] writes at most, its head
// included (DynamoDB: 100 actions in a transaction).
const MaxWrites = 100

// Head is the state of a user's log as a whole. The zero Head is a log that
// does not exist.
type Head struct {
	Epoch    string    // names this life of the log; never empty in a log that exists
	Offset   int64     // of the latest change; 0 in a new log
	LastItem int64     // of the latest change that touched an item
	At       time.Time // of the latest change, in ms

	// Of the commit with LastItem, as it is stored (results of a Log leave them
	// as they were before it):
	LastFrom  int64 // where the log stood before it
	LastCount int64 // how many items it wrote

	SeenThrough     int64 // items created up to here have been seen
	ReadThrough     int64 // items that are unread since at most here have been read
	ArchivedThrough int64 // items created up to here are archived
}

// Item is one notification.
type Item struct {
	Offset    int64     // where it was created: its key
	Changed   int64     // offset of its latest change: index by-change
	Unread    int64     // offset since which it is unread; 0 when marked read: index by-unread
	Event     []byte    // the CloudEvent in JSON; at most 31 KiB
	Read      time.Time // when it was marked read by itself, in ms; else zero
	Archived  time.Time // in ms, or zero
	Withdrawn time.Time // in ms, or zero; Event is empty then
	Expires   time.Time // in s: no reader shows it from here on, and the store may delete it
}

// Marker remembers that a pair of source and id was appended, and leads to its
// item.
type Marker struct {
	Offset  int64     // of the item
	Hash    [32]byte  // of the body as it was given
	Until   time.Time // the pair stands for this one notification until here, in s
	Expires time.Time // in s; not before the item's
}

// Pointer leads from a collapse key to the item that holds it.
type Pointer struct {
	Offset  int64     // of the item
	Expires time.Time // in s
}

// Want names records besides the head: markers by the hash of source and id,
// pointers by collapse key, items by offset. At most 99 in all.
type Want struct {
	Markers  []string
	Pointers []string
	Items    []int64
}

// Loaded are the records that exist.
type Loaded struct {
	Head     Head
	Markers  map[string]Marker
	Pointers map[string]Pointer
	Items    map[int64]Item
}

// Index is an order of a user's items.
type Index int

// The indexes of whole items.
const (
	ByOffset Index = iota // by Offset
	ByChange              // by Changed, then Offset
)

// Position is a place in an index: the index's value, then the item's offset.
type Position struct{ Value, Offset int64 }

// Query asks for items whose index value is greater than Above, in ascending
// order, or descending. After starts behind a position, in the order asked
// for, whether an item stands there or not; nil starts at the end of the
// range. Limit is at least 1.
type Query struct {
	Index      Index
	Above      int64
	After      *Position
	Descending bool
	Limit      int
}

// Found is a page of at most Limit items. Next is where the next page starts;
// nil says that there is nothing more. A page may be short, or empty, with a
// Next.
type Found struct {
	Items []Item
	Next  *Position
}

// UnreadQuery asks for entries of the unread index (by Unread, then Offset)
// whose Unread is greater than Above, in descending order. After starts behind a
// position, whether an entry stands there or not; nil starts at the newest.
// Limit is at least 1.
type UnreadQuery struct {
	Above int64
	After *Position
	Limit int
}

// Entry is an item in the unread index. One that is read (Unread is 0) has none.
type Entry struct {
	Unread, Offset int64
	Expires        int64 // in s since 1970
}

// UnreadPage is a page of at most Limit entries. Next is where the next page
// starts; nil says that there is nothing more. A page may be short, or empty,
// with a Next.
type UnreadPage struct {
	Entries []Entry
	Next    *Position
}

// Change is one step of a log. Was is the head as it was read (the zero Head
// to begin a log, which must not exist then); Head is the head from now on.
type Change struct {
	Was, Head Head
	Items     []ItemWrite
	Markers   []MarkerWrite
	Pointers  []PointerWrite
}

// ItemWrite puts an item. Was is the Changed of the item as it was read; 0
// says that it must not exist.
type ItemWrite struct {
	Item Item
	Was  int64
}

// MarkerWrite puts a marker under a hash of source and id. Was is the Offset
// of the marker as it was read; 0 says that it must not exist.
type MarkerWrite struct {
	ID     string
	Marker Marker
	Was    int64
}

// PointerWrite puts a pointer under a collapse key. Was is as in MarkerWrite.
type PointerWrite struct {
	CollapseKey string
	Pointer     Pointer
	Was         int64
}
