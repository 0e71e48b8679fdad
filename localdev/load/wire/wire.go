// Package wire is the cheapest client that measuring needs: a WebSocket over
// one TCP connection, and POSTs over another. It costs the same whatever it
// talks to, so that two servers can be compared beside it on the same cores.
//
// A Socket is for one goroutine; a Poster for many. Read next: package load.
package wire

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/gobwas/ws"
	"github.com/valyala/fasthttp"
)

// Timeout bounds every step, so that a lost frame ends a measurement instead of
// hanging it.
const Timeout = 10 * time.Second

// Socket is a client's end of a WebSocket.
type Socket struct {
	conn net.Conn
	read *bufio.Reader
}

// Dial opens a socket at addr (host:port) and path, with headers such as
// "Cookie: …\r\n" beside those of the handshake.
func Dial(addr, path, headers string) (*Socket, error) {
	s, err := Open(addr)
	if err != nil {
		return nil, err
	}
	if err := s.handshake(addr, path, headers); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Open opens the TCP connection alone, to measure what this end takes.
func Open(addr string) (*Socket, error) {
	conn, err := net.DialTimeout("tcp", addr, Timeout)
	if err != nil {
		return nil, err
	}
	return &Socket{conn: conn, read: bufio.NewReaderSize(conn, 1024)}, nil
}

func (s *Socket) handshake(addr, path, headers string) error {
	_ = s.conn.SetDeadline(time.Now().Add(Timeout))
	_, err := io.WriteString(s.conn, "GET "+path+" HTTP/1.1\r\nHost: "+addr+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"+headers+"\r\n")
	if err != nil {
		return err
	}
	answer, err := http.ReadResponse(s.read, nil)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("handshake: status %s", answer.Status)
	}
	return nil
}

// Send sends a text frame.
func (s *Socket) Send(text []byte) error {
	_ = s.conn.SetDeadline(time.Now().Add(Timeout))
	return ws.WriteFrame(s.conn, ws.MaskFrame(ws.NewTextFrame(text)))
}

// Receive reads the next text frame into buf, which it grows as needed.
func (s *Socket) Receive(buf []byte) ([]byte, error) {
	_ = s.conn.SetReadDeadline(time.Now().Add(Timeout))
	h, err := ws.ReadHeader(s.read)
	if err != nil {
		return nil, err
	}
	if h.OpCode != ws.OpText {
		return nil, fmt.Errorf("receive: opcode %d", h.OpCode)
	}
	if cap(buf) < int(h.Length) {
		buf = make([]byte, h.Length)
	}
	buf = buf[:h.Length]
	_, err = io.ReadFull(s.read, buf)
	return buf, err
}

// Close ends the TCP connection.
func (s *Socket) Close() { _ = s.conn.Close() }

// Poster posts to one address over kept connections.
type Poster struct{ client *fasthttp.HostClient }

// NewPoster makes a Poster. Close it.
func NewPoster(addr string) *Poster {
	return &Poster{client: &fasthttp.HostClient{Addr: addr, MaxConns: 256, ReadTimeout: Timeout, WriteTimeout: Timeout}}
}

// Post posts the body and returns the answer's.
func (p *Poster) Post(url string, body []byte) ([]byte, error) {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI(url)
	req.Header.SetMethod(http.MethodPost)
	req.SetBodyRaw(body)
	if err := p.client.Do(req, res); err != nil {
		return nil, err
	}
	if res.StatusCode()/100 != 2 {
		return nil, fmt.Errorf("post: status %d", res.StatusCode())
	}
	return append([]byte(nil), res.Body()...), nil
}

// Close closes the kept connections.
func (p *Poster) Close() { p.client.CloseIdleConnections() }
