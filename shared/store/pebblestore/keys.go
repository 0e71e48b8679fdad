package pebblestore

import (
	"bytes"
	"encoding/binary"
	"math"

	"bellhop/shared/inbox"
)

// The keys. A user's name is escaped and terminated, so that no user's keys lie
// within another's; numbers are 8 bytes, most significant first.
//
//	i <user> H                     the head of a log
//	i <user> I <hash>              marker of a source and id
//	i <user> N <offset>            item
//	i <user> P <collapse key>      pointer
//	i <user> C <changed> <offset>  index by-change, no value
//	i <user> U <unread> <offset>   index by-unread, newest first: both numbers complemented; the item's expiry
//	c <user> <connection>          connection
//	d <minute> <shard> <connection's key>   connections by end, no value
//	m                              how far these are swept, and by whom now
//	l <user>                       what is used of a user's limits
//	s <id>                         session
//	t <id>                         ticket
//	u <user> <id>                  sessions by user, no value
//	F                              the format of all these
const (
	tableInbox       = 'i'
	tableConnections = 'c'
	tableDue         = 'd'
	tableSwept       = 'm'
	tableLimits      = 'l'
	tableSessions    = 's'
	tableTickets     = 't'
	tableByUser      = 'u'
	tableFormat      = 'F'

	kindHead    = 'H'
	kindMarker  = 'I'
	kindItem    = 'N'
	kindPointer = 'P'
	kindChange  = 'C'
	kindUnread  = 'U'
)

// ofUser is the prefix of all keys of a user in a table: 0x00 in the name is
// written 0x00 0xff, and the name ends with 0x00 0x01.
func ofUser(table byte, user string) []byte {
	b := append(make([]byte, 0, len(user)+48), table)
	for i := range len(user) {
		if b = append(b, user[i]); user[i] == 0 {
			b = append(b, 0xff)
		}
	}
	return append(b, 0, 1)
}

// userEnd is where a key goes on after its user.
func userEnd(key []byte) int {
	for i := 1; i < len(key)-1; i++ {
		if key[i] != 0 {
			continue
		}
		if i++; key[i] == 1 {
			return i + 1
		}
	}
	return len(key)
}

// userOf is the user that a key names.
func userOf(key []byte) string {
	escaped := key[1 : userEnd(key)-2]
	return string(bytes.ReplaceAll(escaped, []byte{0, 0xff}, []byte{0}))
}

func inboxKey(user string, kind byte) []byte { return append(ofUser(tableInbox, user), kind) }

func itemKey(user string, offset int64) []byte {
	return binary.BigEndian.AppendUint64(inboxKey(user, kindItem), uint64(offset))
}

func textKey(user string, kind byte, text string) []byte {
	return append(inboxKey(user, kind), text...)
}

func pairKey(user string, kind byte, p inbox.Position) []byte {
	b := binary.BigEndian.AppendUint64(inboxKey(user, kind), uint64(p.Value))
	return binary.BigEndian.AppendUint64(b, uint64(p.Offset))
}

// position reads the two numbers of a pair key.
func position(key []byte) inbox.Position {
	return inbox.Position{
		Value:  int64(binary.BigEndian.Uint64(key[len(key)-16:])),
		Offset: int64(binary.BigEndian.Uint64(key[len(key)-8:])),
	}
}

// unreadKey complements the numbers, so that the newest entries come first.
func unreadKey(user string, p inbox.Position) []byte {
	return pairKey(user, kindUnread, complement(p))
}

func complement(p inbox.Position) inbox.Position {
	return inbox.Position{Value: ^p.Value, Offset: ^p.Offset}
}

// positionKey is where a position stands, or would stand, in an index.
func positionKey(user string, kind byte, p inbox.Position) []byte {
	if kind == kindItem {
		return itemKey(user, p.Offset)
	}
	return pairKey(user, kind, p)
}

// above is the position after all that have this value.
func above(value int64) inbox.Position {
	return inbox.Position{Value: value, Offset: math.MaxInt64}
}

// next is the smallest key after key.
func next(key []byte) []byte { return append(key[:len(key):len(key)], 0) }

// after is the smallest key that does not begin with prefix. A prefix here
// never ends with 0xff.
func after(prefix []byte) []byte {
	b := append([]byte(nil), prefix...)
	b[len(b)-1]++
	return b
}
