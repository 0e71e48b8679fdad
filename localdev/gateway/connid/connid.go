// Package connid makes and recognises ids as API Gateway gives them to
// connections, messages and requests: 11 bytes in URL-safe base64 with padding,
// 16 characters. There are no errors; all is safe for concurrent use. Source:
// traces of AWS.
package connid

import (
	"encoding/base64"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// Source makes ids. The first 6 bytes are the time in µs, so ids grow and never
// repeat within one source; the last 5 tell connections apart.
type Source struct{ last atomic.Int64 }

// Tail is the end of an id, which a message's id shares with its connection's.
type Tail [5]byte

// Length is that of an id, in characters.
const Length = 16

// tick returns the time in µs, later than every tick before.
func (s *Source) tick() int64 {
	for {
		last := s.last.Load()
		now := max(time.Now().UnixMicro(), last+1)
		if s.last.CompareAndSwap(last, now) {
			return now
		}
	}
}

// Next makes an id with this tail.
func (s *Source) Next(t Tail) string {
	µs := s.tick()
	raw := [11]byte{byte(µs >> 40), byte(µs >> 32), byte(µs >> 24), byte(µs >> 16), byte(µs >> 8), byte(µs)}
	copy(raw[6:], t[:])
	var text [Length]byte
	base64.URLEncoding.Encode(text[:], raw[:])
	return string(text[:])
}

// NewTail makes a random tail. Its first 18 bits are always the same: the ids
// of one region have "IAM" there.
func NewTail() Tail {
	r := rand.Uint32()
	return Tail{0x20, 0x03, byte(r>>16) & 0x3f, byte(r >> 8), byte(r)}
}

// TailOf returns the tail of an id that this package made.
func TailOf(id string) Tail {
	var raw [12]byte
	_, _ = base64.URLEncoding.Decode(raw[:], []byte(id)) // well-formed: we made it
	return Tail(raw[6:11])
}

// WellFormed reports whether a client's text has the form of a connection id.
func WellFormed(id string) bool {
	if len(id) != Length || id[Length-1] != '=' {
		return false
	}
	for i := range Length - 1 {
		c := id[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
