package gateway

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/localdev/gateway/frame"
	"bellhop/localdev/load/floor"
	"bellhop/localdev/load/wire"

	"github.com/gobwas/ws"
)

// Each benchmark runs beside the least that any WebSocket server must do: a
// goroutine per connection around gobwas/ws, with no HTTP server, no events and
// no functions. They take turns within one run; ratio is the gateway's speed
// divided by the floor's.

// echoFloor is that server. It echoes.
func echoFloor(b *testing.B) (addr string, conns func() []net.Conn) {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var mu sync.Mutex
	var open []net.Conn
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer nc.Close()
				if _, err := ws.Upgrade(nc); err != nil {
					return
				}
				mu.Lock()
				open = append(open, nc)
				mu.Unlock()
				floorEcho(nc)
			})
		}
	})
	b.Cleanup(func() {
		ln.Close()
		wg.Wait()
	})
	return ln.Addr().String(), func() []net.Conn {
		mu.Lock()
		defer mu.Unlock()
		return append([]net.Conn(nil), open...)
	}
}

func floorEcho(nc net.Conn) {
	br := bufio.NewReader(nc)
	var payload, out []byte
	for {
		h, err := ws.ReadHeader(br)
		if err != nil {
			return
		}
		payload = append(payload[:0], make([]byte, h.Length)...)
		if _, err := io.ReadFull(br, payload); err != nil {
			return
		}
		ws.Cipher(payload, h.Mask, 0)
		out = frame.AppendText(out[:0], payload, 32<<10)
		if _, err := nc.Write(out); err != nil {
			return
		}
	}
}

// quiet is a gateway whose functions record nothing, with the local service's
// settings.
func quiet(b *testing.B, auth bool) *env {
	b.Helper()
	api, fn := testAPI(), testFunctions()
	if auth {
		withAuthorizer(&api)
	}
	fn.quiet = true
	return start(b, setup{api: &api, fn: fn, opts: &Options{
		Limits:    Limits{CloseTimeout: 100 * time.Millisecond},
		Uncertain: Uncertain{Signatures: SignaturesIgnored},
	}})
}

// duel runs batches of both by turns. The ratio of processor time, clients
// included, says the same as that of speed and is steadier on a busy machine.
func duel(b *testing.B, floor, gateway func(n int)) {
	const batch = 256
	floor(batch)
	gateway(batch) // both warm
	var low, high, lowCPU, highCPU time.Duration
	n := 0
	for b.Loop() {
		start, startCPU := time.Now(), processorTime(b)
		floor(batch)
		middle, middleCPU := time.Now(), processorTime(b)
		gateway(batch)
		low, lowCPU = low+middle.Sub(start), lowCPU+middleCPU-startCPU
		high, highCPU = high+time.Since(middle), highCPU+processorTime(b)-middleCPU
		n += batch
	}
	b.ReportMetric(float64(low)/float64(high), "ratio")
	b.ReportMetric(float64(lowCPU)/float64(highCPU), "cpu-ratio")
	b.ReportMetric(float64(high.Nanoseconds())/float64(n), "ns/gateway")
	b.ReportMetric(float64(low.Nanoseconds())/float64(n), "ns/floor")
}

const benchClients = 16

// spread divides n among goroutines.
func spread(n int, do func(worker, n int)) {
	var wg sync.WaitGroup
	for w := range benchClients {
		wg.Go(func() { do(w, n/benchClients) })
	}
	wg.Wait()
}

func dialBench(b *testing.B, addr string) net.Conn { return dialPath(b, addr, "/live") }

func dialPath(b *testing.B, addr, path string) net.Conn {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		b.Error(err)
		runtime.Goexit()
	}
	_, err = io.WriteString(nc, upgradeRequest(path, "User-Agent: bench", "Origin: https://app.example.com", "Cookie: sessionid=0123456789abcdef"))
	var buf [1024]byte
	n := 0
	for err == nil && (n < 4 || string(buf[n-4:n]) != "\r\n\r\n") {
		var k int
		k, err = nc.Read(buf[n:])
		n += k
	}
	if err != nil || string(buf[9:12]) != "101" {
		b.Errorf("handshake: %v %q", err, buf[:n])
		runtime.Goexit()
	}
	return nc
}

func BenchmarkConnect(b *testing.B) {
	addr, _ := echoFloor(b)
	e := quiet(b, true)
	connects := func(addr string) func(int) {
		return func(n int) {
			spread(n, func(_, n int) {
				for range n {
					nc := dialBench(b, addr)
					_ = nc.(*net.TCPConn).SetLinger(0) // no TIME_WAIT
					nc.Close()
				}
			})
		}
	}
	duel(b, connects(addr), connects(e.addr))
}

func dialAll(b *testing.B, addr string, n int) []net.Conn {
	conns := make([]net.Conn, n)
	for i := range conns {
		conns[i] = dialBench(b, addr)
	}
	b.Cleanup(func() {
		for _, nc := range conns {
			nc.Close()
		}
	})
	return conns
}

// BenchmarkEcho answers each message through a two-way route. Light takes the
// body out of the event as it is and shows the gateway alone; JSON decodes the
// event and encodes the result with encoding/json, as a plain handler does.
func BenchmarkEcho(b *testing.B) {
	b.Run("Light", func(b *testing.B) { benchmarkEcho(b, lightEcho) })
	b.Run("JSON", func(b *testing.B) { benchmarkEcho(b, echo) })
}

func lightEcho(_ context.Context, event []byte) ([]byte, error) {
	const key, end = `,"body":`, `,"isBase64Encoded":false}`
	i := bytes.LastIndex(event, []byte(key))
	return append(append([]byte(`{"statusCode":200,"body":`), event[i+len(key):len(event)-len(end)]...), '}'), nil
}

func benchmarkEcho(b *testing.B, handler function) {
	addr, _ := echoFloor(b)
	e := quiet(b, true)
	e.fn.byName["twoway"] = handler
	const body = `{"type":"twoway","text":"0123456789012345678901234567890123456789"}`
	message := text(body)
	answer := len(frame.AppendText(nil, []byte(body), 32<<10))
	echoes := func(conns []net.Conn) func(int) {
		return func(n int) {
			spread(n, func(w, n int) {
				buf := make([]byte, answer)
				for range n {
					if _, err := conns[w].Write(message); err != nil {
						b.Error(err)
						return
					}
					if _, err := io.ReadFull(conns[w], buf); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
	}
	duel(b, echoes(dialAll(b, addr, benchClients)), echoes(dialAll(b, e.addr, benchClients)))
}

// sink reads all that comes and tells when it has n bytes more.
type sink struct{ got atomic.Int64 }

func (s *sink) read(nc net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := nc.Read(buf)
		s.got.Add(int64(n))
		if err != nil {
			return
		}
	}
}

func (s *sink) wait(b *testing.B, total int64) {
	b.Helper()
	for end := time.Now().Add(20 * time.Second); s.got.Load() < total; runtime.Gosched() {
		if b.Failed() || time.Now().After(end) {
			b.Fatalf("got %d of %d bytes", s.got.Load(), total)
		}
	}
}

func benchmarkPost(b *testing.B, clients int) {
	addr, open := echoFloor(b)
	e := quiet(b, true)
	payload := []byte(`{"type":"notification","text":"0123456789012345678901234567890123456789"}`)
	size := int64(len(frame.AppendText(nil, payload, 32<<10)))
	var low, high sink
	for _, nc := range dialAll(b, addr, clients) {
		go low.read(nc)
	}
	for _, nc := range dialAll(b, e.addr, clients) {
		go high.read(nc)
	}
	for len(open()) < clients {
		runtime.Gosched()
	}
	conns := open()
	var ids []string
	for c := range e.table.all() {
		ids = append(ids, c.peer.id)
	}
	var lowSent, highSent int64
	var out []byte
	duel(b, func(n int) {
		for i := range n {
			out = frame.AppendText(out[:0], payload, 32<<10)
			if _, err := conns[i%len(conns)].Write(out); err != nil {
				b.Error(err)
			}
		}
		lowSent += int64(n) * size
		low.wait(b, lowSent)
	}, func(n int) {
		for i := range n {
			if err := e.Post(b.Context(), ids[i%len(ids)], payload); err != nil {
				b.Error(err)
			}
		}
		highSent += int64(n) * size
		high.wait(b, highSent)
	})
}

func BenchmarkPost(b *testing.B) { benchmarkPost(b, 1) }

func BenchmarkPostMany(b *testing.B) { benchmarkPost(b, 1000) }

// BenchmarkPostHTTP pushes as backends do, by POST /@connections/{id}. Its floor
// is package floor's: a bare net/http server whose handler looks a map up and
// writes the body to a WebSocket.
func BenchmarkPostHTTP(b *testing.B) {
	bare, err := floor.Start()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(bare.Close)
	e := quiet(b, true)
	var low, high posts
	for i := range benchClients {
		low.to(dialPath(b, bare.Addr(), fmt.Sprintf("/ws?user=%d", i)), fmt.Sprintf("http://%s/publish?user=%d", bare.Addr(), i))
	}
	conns := dialAll(b, e.addr, benchClients)
	for c := range e.table.all() {
		high.to(conns[len(high.urls)], "http://"+e.addr+"/live/@connections/"+url.PathEscape(c.peer.id))
	}
	duel(b, low.run(b, bare.Addr()), high.run(b, e.addr))
}

// posts are the addresses to post to, and all that comes of it.
type posts struct {
	urls []string
	got  sink
	sent int64
}

func (p *posts) to(nc net.Conn, url string) {
	p.urls = append(p.urls, url)
	go p.got.read(nc)
}

func (p *posts) run(b *testing.B, addr string) func(n int) {
	payload := []byte(`{"type":"notification","text":"0123456789012345678901234567890123456789"}`)
	size := int64(len(frame.AppendText(nil, payload, 32<<10)))
	poster := wire.NewPoster(addr)
	b.Cleanup(poster.Close)
	return func(n int) {
		spread(n, func(w, n int) {
			for range n {
				if _, err := poster.Post(p.urls[w], payload); err != nil {
					b.Error(err)
					return
				}
			}
		})
		p.sent += int64(n) * size
		p.got.wait(b, p.sent)
	}
}
