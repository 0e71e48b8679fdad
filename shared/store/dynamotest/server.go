package dynamotest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	readyLimit = 10 * time.Second
	stopLimit  = 5 * time.Second
	pollEvery  = 2 * time.Millisecond

	// Ports are taken from below the range that Linux hands to outgoing
	// connections, so that none of those can sit on the engine's port.
	firstPort, ports = 20000, 12000
	portTries        = 20
)

// server is an engine at a fixed address: one process at a time.
type server struct {
	binary  string
	port    int
	path    string
	process *process // nil when it is not running
}

type serverOptions struct{ path string }

// startServer finds the binary and a free port, and starts the engine. Another
// process may take the port in between: then it tries the next one.
func startServer(opts serverOptions) (*server, error) {
	binary, err := findBinary()
	if err != nil {
		return nil, err
	}
	for range portTries {
		s := &server{binary: binary, port: freePort(), path: opts.path}
		if err = s.start(); err == nil {
			return s, nil
		}
		if !errors.Is(err, errExited) || isFree(s.port) {
			return nil, err
		}
	}
	return nil, err
}

func (s *server) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }
func (s *server) url() string     { return "http://" + s.address() }

// start starts the process and waits until it answers.
func (s *server) start() error {
	args := []string{"--host", "127.0.0.1", "--port", strconv.Itoa(s.port)}
	if s.path != "" {
		args = append(args, "--db-path", s.path)
	}
	p, err := startProcess(s.binary, args)
	if err != nil {
		return fmt.Errorf("start %s: %w", s.binary, err)
	}
	if err := waitReady(p, s.address()); err != nil {
		defer p.close()
		_ = p.end(syscall.SIGKILL)
		return fmt.Errorf("%s on port %d: %w; its log:\n%s", filepath.Base(s.binary), s.port, err, p.log())
	}
	s.process = p
	return nil
}

// stop asks the engine to end, and reports one that had died before.
func (s *server) stop() error {
	p := s.process
	s.process = nil
	if p == nil {
		return nil
	}
	defer p.close()
	if p.exited() {
		return fmt.Errorf("it died during the tests: %v; its log:\n%s", p.err, p.log())
	}
	if err := p.end(syscall.SIGTERM); err != nil {
		return fmt.Errorf("%w; its log:\n%s", err, p.log())
	}
	return nil
}

func (s *server) kill() error {
	p := s.process
	s.process = nil
	if p == nil {
		return nil
	}
	defer p.close()
	return p.end(syscall.SIGKILL)
}

// waitReady waits until the process itself has said where it listens, so that
// no other engine's answer is taken for its own, and then until it answers.
func waitReady(p *process, address string) error {
	probe := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	limit := time.NewTimer(readyLimit)
	defer limit.Stop()
	for {
		select {
		case <-p.done:
			return fmt.Errorf("%w: %v", errExited, p.err)
		case <-limit.C:
			return fmt.Errorf("no answer within %s", readyLimit)
		case <-tick.C:
			if p.said("listening on http://"+address) && answers(probe, "http://"+address) {
				return nil
			}
		}
	}
}

func answers(probe *http.Client, url string) bool {
	r, err := probe.Get(url)
	if err != nil {
		return false
	}
	defer r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// freePort returns a port on which nobody listens, at random, so that test
// processes that run at the same time hardly ever meet.
func freePort() int {
	for {
		if port := firstPort + rand.IntN(ports); isFree(port) {
			return port
		}
	}
}

func isFree(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// findBinary walks up from the test's folder to the repository's root, where
// `make setup` installs the engine.
func findBinary() (string, error) {
	const installed = "test/engines/node_modules/@dynoxide/linux-x64/dynoxide"
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the test's folder: %w", err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "test/engines/package.json")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no test/engines above the test's folder: run the tests inside the repository")
		}
	}
	binary := filepath.Join(dir, installed)
	if _, err := os.Stat(binary); err != nil {
		return "", fmt.Errorf("no engine at %s: run `make setup` at the repository's root", installed)
	}
	return binary, nil
}
