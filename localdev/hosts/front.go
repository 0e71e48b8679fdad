package hosts

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// startWithin is how long a client has for CONNECT and for its handshake.
const startWithin = 10 * time.Second

// Options say what a Front leads where.
type Options struct {
	// Targets are where each host leads, such as "127.0.0.1:8000", by its name in
	// lower case, without a port. A target sees the host of an API as it was
	// asked for, and in place of any other its own address.
	Targets map[string]string
	// Domains are hosts among them that are APIs, too, by another name than
	// {api}.execute-api.{region}.amazonaws.com.
	Domains []string
	// Data is the folder of the authority; it is made if absent.
	Data string
	// Offline refuses other hosts instead of passing them on.
	Offline bool
	// Logger gets what could not be passed on; default slog.DiscardHandler.
	Logger *slog.Logger
}

// Front answers for hosts. It is safe for concurrent use. Close it.
type Front struct {
	targets   map[string]string
	domains   []string
	bundle    string // path
	authority *authority
	offline   bool
	logger    *slog.Logger
	ln        net.Listener
	inner     *connections // that the server takes its connections from
	server    *http.Server
	transport *http.Transport

	ctx  context.Context // done when it is closing
	stop context.CancelFunc
	wg   sync.WaitGroup
}

// Listen makes a Front and has it answer on a free port of the loopback.
func Listen(o Options) (*Front, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	folder, err := filepath.Abs(o.Data)
	if err != nil {
		return nil, fmt.Errorf("find the authority's folder: %w", err)
	}
	signer, err := openAuthority(folder)
	if err != nil {
		return nil, err
	}
	f := &Front{
		targets: maps.Clone(o.Targets), domains: slices.Clone(o.Domains), bundle: filepath.Join(folder, "bundle.pem"),
		authority: signer, offline: o.Offline, logger: o.Logger, transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}
	if err := replace(f.bundle, bundleOf(signer.pem)); err != nil {
		return nil, err
	}
	if f.ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listen for the hosts of the APIs: %w", err)
	}
	f.start()
	return f, nil
}

func (f *Front) start() {
	f.ctx, f.stop = context.WithCancel(context.Background())
	f.inner = newConnections(f.ln.Addr())
	f.server = &http.Server{
		Handler: f.forward(), ReadHeaderTimeout: startWithin,
		ErrorLog: slog.NewLogLogger(f.logger.Handler(), slog.LevelDebug),
	}
	f.wg.Go(func() { _ = f.server.Serve(f.inner) }) // ends with Close
	f.wg.Go(f.accept)
}

// Addr is the port's address, such as "127.0.0.1:41234".
func (f *Front) Addr() string { return f.ln.Addr().String() }

// Close ends every connection at once, and returns when all are gone.
func (f *Front) Close() error {
	f.stop()
	err := errors.Join(f.ln.Close(), f.server.Close())
	f.wg.Wait()
	f.transport.CloseIdleConnections()
	return err
}

// forward passes requests on to where their host leads.
func (f *Front) forward() http.Handler {
	return &httputil.ReverseProxy{
		Transport: f.transport, ErrorLog: slog.NewLogLogger(f.logger.Handler(), slog.LevelDebug),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: f.targets[nameOf(r.In.Host)]})
			if f.isAPI(nameOf(r.In.Host)) {
				r.Out.Host = r.In.Host
			}
		},
	}
}

func (f *Front) isAPI(name string) bool {
	return strings.Contains(name, ".execute-api.") || slices.Contains(f.domains, name)
}

// nameOf is a host without its port, in lower case.
func nameOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(host)
}

func (f *Front) accept() {
	for {
		c, err := f.ln.Accept()
		if err != nil {
			return
		}
		f.wg.Go(func() { f.serve(c) })
	}
}

// serve finds out which of the two ways a client speaks: a TLS record of a
// handshake begins with 22, a request of HTTP with a letter.
func (f *Front) serve(c net.Conn) {
	defer context.AfterFunc(f.ctx, func() { _ = c.Close() })()
	_ = c.SetDeadline(time.Now().Add(startWithin))
	b := &buffered{Conn: c, reader: bufio.NewReader(c)}
	first, err := b.reader.Peek(1)
	switch {
	case err != nil:
		_ = c.Close()
	case first[0] == 22:
		f.answer(b)
	default:
		f.connect(b)
	}
}

// answer shakes hands as the host that the client names, and has the server do
// the rest.
func (f *Front) answer(c net.Conn) {
	secured := tls.Server(c, &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, GetCertificate: f.certificate})
	if err := secured.HandshakeContext(f.ctx); err != nil {
		f.logger.Debug("handshake failed", "error", err)
		_ = c.Close()
		return
	}
	_ = c.SetDeadline(time.Time{})
	f.inner.offer(f.ctx, secured)
}

func (f *Front) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := nameOf(hello.ServerName)
	if f.targets[name] == "" {
		return nil, fmt.Errorf("no certificate for %q: not one of this machine's APIs", name)
	}
	return f.authority.leaf(name)
}

// connect serves one CONNECT.
func (f *Front) connect(c *buffered) {
	request, err := http.ReadRequest(c.reader)
	if err != nil || request.Method != http.MethodConnect {
		refuse(c, http.StatusMethodNotAllowed)
		return
	}
	host, port, err := net.SplitHostPort(request.Host)
	switch {
	case err != nil:
		refuse(c, http.StatusBadRequest)
	case f.targets[nameOf(host)] != "" && port == "443":
		if _, err := io.WriteString(c, established); err == nil {
			f.answer(c)
		}
	case f.offline:
		f.logger.Warn("a function asked for another host", "host", host)
		refuse(c, http.StatusForbidden)
	default:
		f.passOn(c, request.Host)
	}
}

const established = "HTTP/1.1 200 Connection established\r\n\r\n"

// passOn connects the client with the host that it asked for.
func (f *Front) passOn(c *buffered, address string) {
	ctx, cancel := context.WithTimeout(f.ctx, startWithin)
	defer cancel()
	upstream, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		f.logger.Warn("a host does not answer", "host", address, "error", err)
		refuse(c, http.StatusBadGateway)
		return
	}
	defer context.AfterFunc(f.ctx, func() { _ = upstream.Close() })()
	_ = c.SetDeadline(time.Time{})
	if _, err := io.WriteString(c, established); err == nil {
		exchange(c, upstream)
	}
	_, _ = c.Close(), upstream.Close()
}

// exchange copies in both directions until both have ended.
func exchange(c *buffered, upstream net.Conn) {
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = io.Copy(upstream, c)
		if half, ok := upstream.(*net.TCPConn); ok {
			_ = half.CloseWrite()
		}
	})
	_, _ = io.Copy(c, upstream)
	if half, ok := c.Conn.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
	wg.Wait()
}

func refuse(c net.Conn, status int) {
	_, _ = fmt.Fprintf(c, "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status, http.StatusText(status))
	_ = c.Close()
}
