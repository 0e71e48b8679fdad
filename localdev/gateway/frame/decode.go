package frame

import (
	"bytes"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// Limits are the sizes that a peer may send, in bytes.
type Limits struct {
	Frame   int // payload of one frame
	Message int // payload of one message, over its fragments, and inflated
}

// Message is a whole message or a control frame. Op is one of ws.OpText,
// ws.OpPing, ws.OpPong and ws.OpClose, or zero for none.
type Message struct {
	Op      ws.OpCode
	Payload []byte
}

// Decoder reads the frames of one client. It is not safe for concurrent use.
// Reset it before the first use.
type Decoder struct {
	limits  Limits
	deflate bool // permessage-deflate was negotiated

	head    [ws.MaxHeaderSize]byte // of a header that has not arrived whole
	headLen int
	src     bytes.Reader
	scratch [ws.MaxHeaderSize]byte

	frame      ws.Header // the frame in hand, when inFrame
	inFrame    bool
	done       int // bytes of its payload that have arrived
	control    []byte
	data       []byte
	inMessage  bool // the first fragment was seen, the last was not
	compressed bool
	inflated   []byte
}

// keep is the most bytes of buffer that a Decoder carries to its next client.
const keep = 64 << 10

// Reset makes d ready for another client. deflate tells whether
// permessage-deflate was negotiated.
func (d *Decoder) Reset(limits Limits, deflate bool) {
	*d = Decoder{
		limits: limits, deflate: deflate,
		control: d.control[:0], data: trim(d.data), inflated: trim(d.inflated),
	}
}

func trim(b []byte) []byte {
	if cap(b) > keep {
		return nil
	}
	return b[:0]
}

// Resting reports whether d holds nothing of an unfinished frame or message.
func (d *Decoder) Resting() bool { return d.headLen == 0 && !d.inFrame && !d.inMessage }

// Next reads from p up to the end of the first message or control frame. It
// returns how many bytes it used and the message; without a message all of p
// was used. It unmasks in place, so p is changed; the payload is valid until
// the next call and as long as p is. After an error, a *CloseError, the decoder
// is of no more use.
func (d *Decoder) Next(p []byte) (int, Message, error) {
	used := 0
	for {
		if !d.inFrame {
			n, ok, err := d.header(p[used:])
			used += n
			if err != nil || !ok {
				return used, Message{}, err
			}
		}
		chunk := p[used:min(len(p), used+int(d.frame.Length)-d.done)]
		used += len(chunk)
		ws.Cipher(chunk, d.frame.Mask, d.done)
		d.done += len(chunk)
		m, err := d.payload(chunk)
		if err != nil || m.Op != 0 {
			return used, m, err
		}
		if used == len(p) {
			return used, Message{}, nil
		}
	}
}

// header completes the header in hand from p. ok is false while bytes of it are
// still to come.
func (d *Decoder) header(p []byte) (n int, ok bool, err error) {
	had := d.headLen
	n = copy(d.head[had:], p)
	d.src.Reset(d.head[:had+n])
	h, err := ws.ReadHeaderBuffer(&d.src, d.scratch[:])
	switch {
	case err == ws.ErrHeaderLengthMSB, err == ws.ErrHeaderLengthUnexpected:
		return n, false, breach(ws.StatusProtocolError, "frame length out of range")
	case err != nil: // io.EOF, io.ErrUnexpectedEOF: all of p was taken
		d.headLen = had + n
		return n, false, nil
	}
	n -= d.src.Len()
	d.headLen = 0
	if err := d.check(h); err != nil {
		return n, false, err
	}
	d.frame, d.inFrame, d.done = h, true, 0
	if !h.OpCode.IsControl() {
		d.begin(h)
	}
	return n, true, nil
}

func (d *Decoder) begin(h ws.Header) {
	if h.OpCode != ws.OpContinuation {
		d.data = d.data[:0]
		d.compressed = h.Rsv1()
	}
	d.inMessage = true
}

// check judges a header before any of its payload is read.
func (d *Decoder) check(h ws.Header) error {
	switch {
	case !h.Masked:
		return breach(ws.StatusProtocolError, "frame is not masked")
	case h.OpCode.IsReserved():
		return breach(ws.StatusProtocolError, "reserved opcode")
	case h.Rsv2() || h.Rsv3():
		return breach(ws.StatusProtocolError, "reserved bit set")
	case h.Rsv1() && (!d.deflate || h.OpCode.IsControl() || h.OpCode == ws.OpContinuation):
		return breach(ws.StatusProtocolError, "compression bit not allowed")
	case h.OpCode.IsControl():
		return checkControl(h)
	case h.OpCode == ws.OpContinuation && !d.inMessage:
		return breach(ws.StatusProtocolError, "continuation of nothing")
	case h.OpCode != ws.OpContinuation && d.inMessage:
		return breach(ws.StatusProtocolError, "new message within a message")
	case h.OpCode == ws.OpBinary:
		return breach(ws.StatusUnsupportedData, "binary data")
	case h.Length > int64(d.limits.Frame):
		return breach(ws.StatusMessageTooBig, "frame too big")
	case d.inMessage && int64(len(d.data))+h.Length > int64(d.limits.Message),
		h.Length > int64(d.limits.Message):
		return breach(ws.StatusMessageTooBig, "message too big")
	}
	return nil
}

func checkControl(h ws.Header) error {
	if !h.Fin || h.Length > ws.MaxControlFramePayloadSize {
		return breach(ws.StatusProtocolError, "control frame fragmented or over 125 bytes")
	}
	return nil
}

// payload takes a part of the payload of the frame in hand, and returns the
// message when it is the last part of the last frame.
func (d *Decoder) payload(chunk []byte) (Message, error) {
	last := int64(d.done) == d.frame.Length
	if last {
		d.inFrame = false
	}
	if d.frame.OpCode.IsControl() {
		return d.controlPayload(chunk, last), nil
	}
	whole := last && d.frame.Fin
	if whole && len(d.data) == 0 {
		return d.finish(chunk) // the usual case: in one piece, not copied
	}
	d.data = append(d.data, chunk...)
	if !whole {
		return Message{}, nil
	}
	return d.finish(d.data)
}

func (d *Decoder) controlPayload(chunk []byte, last bool) Message {
	if last && len(d.control) == 0 {
		return Message{Op: d.frame.OpCode, Payload: chunk}
	}
	d.control = append(d.control, chunk...)
	if !last {
		return Message{}
	}
	m := Message{Op: d.frame.OpCode, Payload: d.control}
	d.control = d.control[:0]
	return m
}

// finish makes a message of the bytes of all its fragments.
func (d *Decoder) finish(data []byte) (Message, error) {
	d.inMessage = false
	if d.compressed {
		var err error
		d.inflated, err = inflate(d.inflated[:0], data, d.limits.Message)
		if err != nil {
			return Message{}, err
		}
		data = d.inflated
	}
	d.data = d.data[:0]
	if !utf8.Valid(data) {
		return Message{}, breach(ws.StatusInvalidFramePayloadData, "text is not UTF-8")
	}
	return Message{Op: ws.OpText, Payload: data}, nil
}
