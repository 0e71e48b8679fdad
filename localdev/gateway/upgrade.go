package gateway

import (
	"crypto/sha1" //nolint:gosec // RFC 6455 §4.2.2 asks for it; nothing is protected by it
	"encoding/base64"
	"net"
	"time"

	"bellhop/localdev/gateway/frame"
)

// upgrade is a handshake that was admitted, until its connection runs.
type upgrade struct {
	g          *Gateway
	peer       *peer
	protocol   string
	key        string
	extensions string // the client's offer, then the answer to it
}

// takeOver is fasthttp's hijack handler: nc is the server's connection, whose
// reader may hold bytes that came with the request.
func (u *upgrade) takeOver(nc net.Conn) {
	defer nc.Close()
	if !u.g.gate.Enter() {
		return
	}
	defer u.g.gate.Leave()
	raw := nc
	if h, ok := nc.(interface{ UnsafeConn() net.Conn }); ok {
		raw = h.UnsafeConn()
	}
	first := buffered(nc, raw)
	u.extensions = frame.Negotiate([]byte(u.extensions))
	u.g.serve(raw, connSetup{peer: *u.peer, head: u.response(), first: first, deflate: u.extensions != ""})
}

// longAgo is a read deadline that no read can meet.
var longAgo = time.Unix(1, 0)

// buffered returns what the server has read beyond the request: with a deadline
// in the past a read gives buffered bytes, and never goes to the socket.
func buffered(nc, raw net.Conn) []byte {
	if err := raw.SetReadDeadline(longAgo); err != nil {
		return nil
	}
	buf := readBuffers.Get().(*[readBufferSize]byte)
	defer readBuffers.Put(buf)
	n, _ := nc.Read(buf[:])
	if n == 0 {
		return nil
	}
	return append([]byte(nil), buf[:n]...)
}

// response is the 101 with API Gateway's headers in API Gateway's spelling.
func (u *upgrade) response() []byte {
	const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
	sum := sha1.Sum([]byte(u.key + guid)) //nolint:gosec // as above
	b := append(make([]byte, 0, 320), "HTTP/1.1 101 Switching Protocols\r\nDate: "...)
	b = time.Now().UTC().AppendFormat(b, "Mon, 02 Jan 2006 15:04:05 GMT")
	b = append(b, "\r\nConnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: "...)
	b = base64.StdEncoding.AppendEncode(b, sum[:])
	if u.protocol != "" {
		b = append(append(b, "\r\n"+headerProtocol+": "...), u.protocol...)
	}
	if u.extensions != "" {
		b = append(append(b, "\r\nsec-websocket-extensions: "...), u.extensions...)
	}
	return append(b, "\r\n\r\n"...)
}
