package gateway

import (
	"encoding/base64"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// idSource makes ids as API Gateway's look: 11 bytes in URL-safe base64 with
// padding, 16 characters. The first 6 bytes are the time in µs, so ids grow
// and never repeat within one source; the last 5 tell connections apart.
type idSource struct{ last atomic.Int64 }

// tail is the end of an id, which a message's id shares with its connection's.
type tail [5]byte

const idLength = 16

// tick returns the time in µs, later than every tick before.
func (s *idSource) tick() int64 {
	for {
		last := s.last.Load()
		now := max(time.Now().UnixMicro(), last+1)
		if s.last.CompareAndSwap(last, now) {
			return now
		}
	}
}

// next makes an id with this tail.
func (s *idSource) next(t tail) string {
	µs := s.tick()
	raw := [11]byte{byte(µs >> 40), byte(µs >> 32), byte(µs >> 24), byte(µs >> 16), byte(µs >> 8), byte(µs)}
	copy(raw[6:], t[:])
	var text [idLength]byte
	base64.URLEncoding.Encode(text[:], raw[:])
	return string(text[:])
}

// newTail makes a random tail. Its first 18 bits are always the same: the ids
// of one region have "IAM" there.
func newTail() tail {
	r := rand.Uint32()
	return tail{0x20, 0x03, byte(r>>16) & 0x3f, byte(r >> 8), byte(r)}
}

// tailOf returns the tail of an id that this package made.
func tailOf(id string) tail {
	var raw [12]byte
	_, _ = base64.URLEncoding.Decode(raw[:], []byte(id)) // well-formed: we made it
	return tail(raw[6:11])
}

// wellFormed reports whether a client's text has the form of a connection id.
func wellFormed(id string) bool {
	if len(id) != idLength || id[idLength-1] != '=' {
		return false
	}
	for i := range idLength - 1 {
		c := id[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
