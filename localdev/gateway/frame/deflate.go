package frame

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"strconv"
	"sync"

	"github.com/gobwas/httphead"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"
)

// accepted is the answer to an offer of permessage-deflate. Without context
// takeover every message stands alone, so no connection has to hold a window
// of 32 KiB between two messages: thousands of idle ones cost nothing.
const accepted = "permessage-deflate;server_no_context_takeover;client_no_context_takeover"

// Negotiate answers the client's Sec-WebSocket-Extensions header with the value
// of the response header, or "" when it offers nothing that can be accepted
// (RFC 7692 §5.1). A server_max_window_bits of the offer is confirmed: it is
// kept, because frames to the client are never compressed.
func Negotiate(offer []byte) string {
	if !bytes.Contains(offer, wsflate.ExtensionNameBytes) {
		return ""
	}
	options, ok := httphead.ParseOptions(offer, nil)
	if !ok {
		return ""
	}
	for _, option := range options {
		var p wsflate.Parameters
		if !bytes.Equal(option.Name, wsflate.ExtensionNameBytes) || p.Parse(option) != nil {
			continue
		}
		if p.ServerMaxWindowBits.Defined() {
			return accepted + ";server_max_window_bits=" + strconv.Itoa(int(p.ServerMaxWindowBits))
		}
		return accepted
	}
	return ""
}

// inflater is a decompressor between two messages, about 44 KiB.
type inflater struct {
	src bytes.Reader
	r   *wsflate.Reader
}

// inflaters outlive a message, not a connection.
var inflaters = sync.Pool{New: func() any {
	f := &inflater{}
	f.r = wsflate.NewReader(&f.src, func(r io.Reader) wsflate.Decompressor { return resetter{flate.NewReader(r)} })
	return f
}}

// resetter fits flate's Reset, which takes a dictionary, to wsflate's.
type resetter struct{ io.ReadCloser }

func (r resetter) Reset(src io.Reader) {
	// The error of Reset is always nil (compress/flate).
	_ = r.ReadCloser.(flate.Resetter).Reset(src, nil)
}

// inflate appends the message within data to dst, and stops with 1009 as soon
// as it is longer than limit.
func inflate(dst, data []byte, limit int) ([]byte, error) {
	f := inflaters.Get().(*inflater)
	defer inflaters.Put(f)
	f.src.Reset(data)
	f.r.Reset(&f.src)
	defer f.src.Reset(nil)
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := f.r.Read(dst[len(dst):min(cap(dst), limit+1)])
		dst = dst[:len(dst)+n]
		switch {
		case len(dst) > limit:
			return dst, breach(ws.StatusMessageTooBig, "inflated message too big")
		case errors.Is(err, io.EOF):
			return dst, nil
		case err != nil:
			return dst, breach(ws.StatusInvalidFramePayloadData, "bad deflate data")
		}
	}
}
