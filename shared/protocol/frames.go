package protocol

import (
	"encoding/json"
	"time"
)

// The types of the frames, in the field "type" of each.
const (
	TypeHello        = "hello"
	TypeWelcome      = "welcome"
	TypeMark         = "mark"
	TypeMarked       = "marked"
	TypeList         = "list"
	TypePage         = "page"
	TypeAck          = "ack"
	TypePing         = "ping"
	TypePong         = "pong"
	TypeNotification = "notification"
	TypeState        = "state"
	TypeWithdrawn    = "withdrawn"
	TypeDisconnect   = "disconnect"
	TypeError        = "error"
)

// State is what a mark makes of items.
type State string

// The states. All but Unread are watermarks when a mark goes through an offset.
const (
	Seen     State = "seen"     // the user has met it in a list
	Read     State = "read"     // the user has opened it
	Unread   State = "unread"   // back to unread; it stays seen
	Archived State = "archived" // out of the list, and read
)

// Item is one notification of the log as a client sees it.
type Item struct {
	Offset int64           `json:"offset"`          // where it was created: its name in a mark
	Event  json.RawMessage `json:"event,omitempty"` // the CloudEvent; absent when Withdrawn, or known to the client
	Read   bool            `json:"read"`
	Seen   bool            `json:"seen"`

	Archived  bool `json:"archived"`
	Withdrawn bool `json:"withdrawn,omitempty"` // replaced or recalled: take it away

	// UnreadSince is the offset at which the item was marked unread again;
	// absent for one that has been unread since its creation. A mark through
	// an offset reaches the items whose UnreadSince (or else Offset) is not
	// above it.
	UnreadSince int64 `json:"unread_since,omitempty"`
}

// Counts are the badge. Each is at most [MaxCount], which means that or more.
type Counts struct {
	Unread int `json:"unread"`
	Unseen int `json:"unseen"`
}

// Hello asks for what the client has missed. Without an epoch it asks for the
// newest page.
type Hello struct {
	ID     string `json:"id"`
	Epoch  string `json:"epoch,omitempty"`
	Offset int64  `json:"offset,omitempty"` // written beside every epoch, also when it is 0
}

// Welcome answers [Hello].
type Welcome struct {
	ID        string `json:"id"`
	User      string `json:"user"`
	Epoch     string `json:"epoch"`
	Offset    int64  `json:"offset"`    // the client's position from now on
	Recovered bool   `json:"recovered"` // false: the items are the newest page, forget all others
	Items     []Item `json:"items"`     // recovered: what changed, in the order of the changes; else newest first
	More      bool   `json:"more"`      // recovered: say hello again from Offset; else: list goes on
	Counts

	SeenThrough     int64     `json:"seen_through"`
	ReadThrough     int64     `json:"read_through"`
	ArchivedThrough int64     `json:"archived_through"`
	Keepalive       int       `json:"keepalive"` // seconds: send a ping when idle for about this long
	Expires         time.Time `json:"expires"`   // the end of the session
}

// Mark sets the state of items: either of those named, or of all whose offset
// is not above Through.
type Mark struct {
	ID      string  `json:"id"`
	State   State   `json:"state"`
	Items   []int64 `json:"items,omitempty"`
	Through int64   `json:"through,omitempty"`
}

// Marked answers [Mark]. Offset is that of the change; where nothing had to
// change, Changed is false, and Offset is that of the latest change of the log,
// which may still be on its way to the client.
type Marked struct {
	ID      string `json:"id"`
	Offset  int64  `json:"offset"`
	Changed bool   `json:"changed"`
	Counts
}

// Filter narrows a list. The zero Filter lists all that is not archived.
type Filter struct {
	Unread   bool   `json:"unread,omitempty"`   // only unread ones
	Archived bool   `json:"archived,omitempty"` // only archived ones, instead of none
	Type     string `json:"type,omitempty"`     // only events of exactly this type
}

// List asks for a page of items, newest first. Before 0 starts at the newest;
// Limit 0 is 50.
type List struct {
	ID     string `json:"id"`
	Before int64  `json:"before,omitempty"`
	Limit  int    `json:"limit,omitempty"`
	Filter Filter `json:"filter,omitzero"`
}

// Page answers [List]. The next page is before its last item's offset.
type Page struct {
	ID    string `json:"id"`
	Items []Item `json:"items"`
	More  bool   `json:"more"`
}

// Ack says that the client has applied every change up to Offset. It has no
// answer.
type Ack struct {
	Offset int64 `json:"offset"`
}

// Ping keeps an idle connection open; the gateway answers it with [Pong].
type Ping struct{}

// Pong answers [Ping].
type Pong struct{}

// Notification is a new item. One that is not stored has no epoch, no offset
// and no counts.
type Notification struct {
	Epoch  string          `json:"epoch,omitempty"`
	Offset int64           `json:"offset,omitempty"`
	Event  json.RawMessage `json:"event"`
	Counts *Counts         `json:"-"` // unread and unseen, beside the other fields
}

// StateChange is a mark that another device made.
type StateChange struct {
	Epoch   string    `json:"epoch"`
	Offset  int64     `json:"offset"`
	State   State     `json:"state"`
	Items   []int64   `json:"items,omitempty"`
	Through int64     `json:"through,omitempty"`
	At      time.Time `json:"at"`
	Counts
}

// Withdrawn takes items away: a newer one replaces them, or the backend has
// recalled them.
type Withdrawn struct {
	Epoch  string  `json:"epoch"`
	Offset int64   `json:"offset"`
	Items  []int64 `json:"items"`
	Counts
}

// Reconnect is what a client is advised to do after a [Disconnect].
type Reconnect string

// The kinds of advice.
const (
	Never   Reconnect = "never"   // not with this credential
	Backoff Reconnect = "backoff" // after After seconds, then with growing pauses
	Now     Reconnect = "now"
)

// Disconnect is sent before the service closes a connection: API Gateway can
// send no close code of ours.
type Disconnect struct {
	Code      Code      `json:"code"`
	Reason    string    `json:"reason"`
	Reconnect Reconnect `json:"reconnect"`
	After     int       `json:"after,omitempty"` // seconds
}

// ErrorFrame says that the frame with this id was refused, or could not be
// served. The connection stays open.
type ErrorFrame struct {
	ID    string `json:"id,omitempty"`
	Error *Error `json:"error"`
}
