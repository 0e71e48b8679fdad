package lambda

import (
	"context"
	"encoding/hex"
	"math/rand/v2"
)

// Invocation is what is known of one call besides its payload. It travels in
// the context, so that most calls need not carry it.
type Invocation struct {
	// RequestID is a UUID; empty lets the Runner make one. Retries of one
	// asynchronous event share it.
	RequestID string
	// Qualifier is the version or alias by which the function was called;
	// empty for none. The function sees it at the end of its ARN.
	Qualifier string
	// ClientContext is the JSON document of X-Amz-Client-Context; nil for none.
	ClientContext []byte
}

type invocationKey struct{}

// NewContext returns a context that carries i to the Runner.
func NewContext(ctx context.Context, i Invocation) context.Context {
	return context.WithValue(ctx, invocationKey{}, i)
}

// FromContext returns the Invocation that ctx carries, or the zero value.
func FromContext(ctx context.Context) Invocation {
	i, _ := ctx.Value(invocationKey{}).(Invocation)
	return i
}

// NewRequestID makes a UUID (version 4) as Lambda's request ids are. It names a
// request and guards nothing, so the fast random source will do.
func NewRequestID() string {
	var b [16]byte
	for i := range 2 {
		n := rand.Uint64()
		for j := range 8 {
			b[8*i+j] = byte(n >> (8 * j))
		}
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:36], b[10:16])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}
