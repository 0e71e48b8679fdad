package frame

import (
	"bytes"
	"compress/flate"
	"errors"
	"strings"
	"testing"

	"github.com/gobwas/ws"
)

var limits = Limits{Frame: 100, Message: 250}

func masked(h ws.Header, payload string) []byte {
	h.Length, h.Masked, h.Mask = int64(len(payload)), true, [4]byte{9, 8, 7, 6}
	var b bytes.Buffer
	if err := ws.WriteHeader(&b, h); err != nil {
		panic(err)
	}
	p := []byte(payload)
	ws.Cipher(p, h.Mask, 0)
	return append(b.Bytes(), p...)
}

type got struct {
	op      ws.OpCode
	payload string
}

// decode feeds the bytes in pieces of the given size.
func decode(d *Decoder, b []byte, size int) (all []got, err error) {
	for len(b) > 0 {
		p := bytes.Clone(b[:min(size, len(b))])
		b = b[len(p):]
		for len(p) > 0 {
			n, m, err := d.Next(p)
			if err != nil {
				return all, err
			}
			if m.Op != 0 {
				all = append(all, got{m.Op, string(m.Payload)})
			}
			p = p[n:]
		}
	}
	return all, nil
}

func pack(payload string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	_, _ = w.Write([]byte(payload))
	_ = w.Flush()
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

func TestDecoder_AnyPieces(t *testing.T) {
	var stream []byte
	stream = append(stream, masked(ws.Header{Fin: true, OpCode: ws.OpText}, "one")...)
	stream = append(stream, masked(ws.Header{OpCode: ws.OpText}, strings.Repeat("a", 100))...)
	stream = append(stream, masked(ws.Header{Fin: true, OpCode: ws.OpPing}, "ping")...)
	stream = append(stream, masked(ws.Header{OpCode: ws.OpContinuation}, "")...)
	stream = append(stream, masked(ws.Header{Fin: true, OpCode: ws.OpContinuation}, strings.Repeat("b", 100))...)
	stream = append(stream, masked(ws.Header{Fin: true, OpCode: ws.OpText}, "")...)
	stream = append(stream, masked(ws.Header{Fin: true, OpCode: ws.OpText, Rsv: 4}, pack("packed packed packed"))...)
	stream = append(stream, masked(ws.Header{Fin: true, OpCode: ws.OpClose}, "\x03\xe8bye")...)
	want := []got{
		{ws.OpText, "one"},
		{ws.OpPing, "ping"},
		{ws.OpText, strings.Repeat("a", 100) + strings.Repeat("b", 100)},
		{ws.OpText, ""},
		{ws.OpText, "packed packed packed"},
		{ws.OpClose, "\x03\xe8bye"},
	}
	for size := 1; size <= len(stream); size++ {
		var d Decoder
		d.Reset(limits, true)
		all, err := decode(&d, stream, size)
		if err != nil || len(all) != len(want) {
			t.Fatalf("pieces of %d: got %d messages, %v; want %d", size, len(all), err, len(want))
		}
		for i := range want {
			if all[i] != want[i] {
				t.Fatalf("pieces of %d, message %d: got %q, want %q", size, i, all[i], want[i])
			}
		}
		if !d.Resting() {
			t.Fatalf("pieces of %d: decoder does not rest", size)
		}
	}
}

func TestDecoder_RestsOnlyBetweenMessages(t *testing.T) {
	var d Decoder
	d.Reset(limits, false)
	for _, b := range [][]byte{{0x81}, masked(ws.Header{OpCode: ws.OpText}, "x")} {
		d.Reset(limits, false)
		if _, err := decode(&d, b, 100); err != nil || d.Resting() {
			t.Errorf("after % x: resting %v, %v", b, d.Resting(), err)
		}
	}
}

func TestDecoder_LimitsAreJudgedByTheHeader(t *testing.T) {
	for name, tt := range map[string]struct {
		stream []byte
		code   ws.StatusCode
	}{
		"frame": {masked(ws.Header{Fin: true, OpCode: ws.OpText}, strings.Repeat("x", 101))[:6], 1009},
		"message": {append(append(masked(ws.Header{OpCode: ws.OpText}, strings.Repeat("x", 100)),
			masked(ws.Header{OpCode: ws.OpContinuation}, strings.Repeat("x", 100))...),
			masked(ws.Header{Fin: true, OpCode: ws.OpContinuation}, strings.Repeat("x", 51))[:6]...), 1009},
		"inflated": {masked(ws.Header{Fin: true, OpCode: ws.OpText, Rsv: 4}, pack(strings.Repeat("x", 251))), 1009},
		"garbage":  {masked(ws.Header{Fin: true, OpCode: ws.OpText, Rsv: 4}, "\xff\xff\xff"), 1007},
		"utf8":     {masked(ws.Header{Fin: true, OpCode: ws.OpText, Rsv: 4}, pack("\xff")), 1007},
	} {
		var d Decoder
		d.Reset(limits, true)
		_, err := decode(&d, tt.stream, 1000)
		var ce *CloseError
		if !errors.As(err, &ce) || ce.Code != tt.code {
			t.Errorf("%s: got %v, want code %d", name, err, tt.code)
		}
	}
	var d Decoder
	d.Reset(limits, true)
	if all, err := decode(&d, masked(ws.Header{Fin: true, OpCode: ws.OpText, Rsv: 4}, pack(strings.Repeat("x", 250))), 9); err != nil || len(all) != 1 {
		t.Errorf("inflated to the limit: got %d messages, %v", len(all), err)
	}
}

func TestAppendHeader_IsGobwas(t *testing.T) {
	for _, n := range []int64{0, 1, 125, 126, 65535, 65536, 1 << 40} {
		for _, h := range []ws.Header{{Fin: true, OpCode: ws.OpText, Length: n}, {OpCode: ws.OpContinuation, Rsv: 4, Length: n}} {
			var want bytes.Buffer
			if err := ws.WriteHeader(&want, h); err != nil {
				t.Fatal(err)
			}
			if got := AppendHeader(nil, h); !bytes.Equal(got, want.Bytes()) {
				t.Errorf("%+v: got % x, want % x", h, got, want.Bytes())
			}
		}
	}
}

func TestAppendText_Fragments(t *testing.T) {
	for size, frames := range map[int]int{0: 1, 1: 1, 10: 1, 11: 2, 20: 2, 21: 3} {
		payload := strings.Repeat("x", size)
		src := bytes.NewReader(AppendText(nil, []byte(payload), 10))
		var joined string
		n := 0
		for src.Len() > 0 {
			h, err := ws.ReadHeader(src)
			if err != nil {
				t.Fatal(err)
			}
			p := make([]byte, h.Length)
			if _, err := src.Read(p); err != nil && h.Length > 0 {
				t.Fatal(err)
			}
			if first := n == 0; (h.OpCode == ws.OpText) != first {
				t.Errorf("size %d, frame %d: opcode %v", size, n, h.OpCode)
			}
			n++
			joined += string(p)
			if h.Fin != (n == frames) {
				t.Errorf("size %d, frame %d: fin %v", size, n, h.Fin)
			}
		}
		if n != frames || joined != payload {
			t.Errorf("size %d: got %d frames, %d bytes; want %d", size, n, len(joined), frames)
		}
	}
}

// However the bytes are cut, the decoder sees the same; it never panics, and no
// message passes the limit.
func FuzzDecoder(f *testing.F) {
	f.Add(masked(ws.Header{Fin: true, OpCode: ws.OpText}, "one"), true, 3)
	f.Add(append(masked(ws.Header{OpCode: ws.OpText}, "a"), masked(ws.Header{Fin: true, OpCode: ws.OpContinuation}, "b")...), false, 1)
	f.Add(masked(ws.Header{Fin: true, OpCode: ws.OpText, Rsv: 4}, pack("packed packed")), true, 2)
	f.Add([]byte{0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}, true, 5)
	f.Fuzz(func(t *testing.T, b []byte, deflate bool, size int) {
		var whole, cut Decoder
		whole.Reset(limits, deflate)
		cut.Reset(limits, deflate)
		want, wantErr := decode(&whole, b, len(b)+1)
		all, err := decode(&cut, b, 1+(size&0xff))
		if len(all) != len(want) || (err == nil) != (wantErr == nil) {
			t.Fatalf("cut: got %d messages, %v; whole %d, %v", len(all), err, len(want), wantErr)
		}
		for i := range want {
			if all[i] != want[i] || len(all[i].payload) > limits.Message {
				t.Fatalf("message %d: got %q, want %q", i, all[i], want[i])
			}
		}
	})
}

func FuzzInflate(f *testing.F) {
	f.Add([]byte(pack("hello hello")))
	f.Add([]byte(pack(strings.Repeat("0", 100000))))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 1000
		out, err := inflate(nil, data, limit)
		if err == nil && len(out) > limit || len(out) > limit+1 {
			t.Fatalf("got %d bytes, %v; limit %d", len(out), err, limit)
		}
	})
}

func FuzzNegotiate(f *testing.F) {
	for _, s := range []string{"permessage-deflate", "permessage-deflate; server_max_window_bits=9, x", `permessage-deflate; a="b,c"`, ";;,"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, offer []byte) {
		if got := Negotiate(offer); got != "" && !strings.HasPrefix(got, accepted) {
			t.Fatalf("got %q", got)
		}
	})
}
