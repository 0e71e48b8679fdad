package notification

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"bellhop/shared/fault"
	"bellhop/shared/protocol"
)

// Limits in bytes, but for MaxName and MaxAttributes. A whole event has at most
// protocol.MaxEvent bytes.
const (
	MaxID         = 256 // of id and of correlationid
	MaxType       = protocol.MaxType
	MaxText       = 2048 // of source, subject and dataschema, each
	MaxCollapse   = 128  // of collapsekey
	MaxName       = 20   // characters of an extension's name
	MaxAttributes = 64   // attributes of one event, data included
)

// Urgency is how soon a device should show a notification (RFC 8030 §5.3).
type Urgency string

// The urgencies. Normal stands for an event that has none.
const (
	VeryLow Urgency = "very-low"
	Low     Urgency = "low"
	Normal  Urgency = "normal"
	High    Urgency = "high"
)

// Notification is a CloudEvents 1.0 event, checked and complete. It is
// immutable: nobody writes to Event.
type Notification struct {
	Source      string
	ID          string
	Type        string
	CollapseKey string // "" for none
	Urgency     Urgency
	Time        time.Time // when it happened, UTC
	Expires     time.Time // from then on nobody shows it, UTC; zero: never

	// Hash is the SHA-256 of the event without the id, the time and the
	// expirytime that were filled in. Spacing, the order of attributes and how strings are escaped
	// make no difference, but inside of data all but the spacing does.
	Hash [32]byte

	// Event is the event in JSON (CloudEvents JSON format 1.0), compact, in
	// UTF-8, in one order: the attributes that the package comment lists, then
	// extensions by name, then data.
	Event []byte
}

// Defaults are what an event is completed with. NewID gives an id that no
// other event has (a ULID, say); it is called at most once per event. TTL gives
// an event without expirytime one, that long after Now; 0: none.
type Defaults struct {
	Now   time.Time
	NewID func() string
	TTL   time.Duration
}

// Parse reads an event in JSON. The error is of type [fault.Faults] and has
// every fault of the event.
func Parse(data []byte, d Defaults) (Notification, error) {
	var faults fault.Faults
	n := Read(fault.Parse(data, &faults), d)
	if err := faults.Err(); err != nil {
		return Notification{}, err
	}
	return n, nil
}

// ExpiredAt says whether the notification is over at t.
func (n Notification) ExpiredAt(t time.Time) bool {
	return !n.Expires.IsZero() && !t.Before(n.Expires)
}

// IDHash names the pair of source and id in 43 characters of base64url
// (RFC 4648 §5, unpadded): their SHA-256, with the length of source in front so
// that no two pairs look alike.
func IDHash(source, id string) string {
	b := make([]byte, 8, 8+MaxText+MaxID)
	binary.BigEndian.PutUint64(b, uint64(len(source)))
	sum := sha256.Sum256(append(append(b, source...), id...))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
