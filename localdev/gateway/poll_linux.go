package gateway

import (
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// On Linux idle connections wait in an epoll instance of the gateway's own, and
// no goroutine waits for any of them. That instance is itself a file of Go's
// poller, so even the one goroutine that reads its events blocks no thread.
//
// The gateway owns a duplicate of the socket. The server's own descriptor is
// closed when the hijack handler returns, and with it go Go's netFD, its
// poller entry and the server's buffers.
//
// Events are edge-triggered and registered once: a message costs no epoll_ctl.
// Room for writing is asked for when there first was none: every socket has some
// in the beginning, and would report that. socket.state sees to it that one
// goroutine reads at a time and that no edge is lost.

// polling is the epoll instance and the goroutines that read.
type polling struct {
	once sync.Once
	err  error    // of the start
	file *os.File // of the epoll instance; nil before the start
	raw  syscall.RawConn
	fd   int

	mu      sync.RWMutex
	sockets []*socket // by file descriptor

	work    chan *socket // to goroutines that have nothing to do
	idle    atomic.Int32
	workers sync.WaitGroup
	looping sync.WaitGroup
}

// maxIdleReaders is how many reading goroutines wait for more work: their
// stacks have grown already.
const maxIdleReaders = 64

const edges = syscall.EPOLLIN | syscall.EPOLLRDHUP | -syscall.EPOLLET

const hangups = syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR

func newPolling() *polling { return &polling{work: make(chan *socket)} }

// start opens the epoll instance, for the first connection that has a socket.
func (p *polling) start() error {
	p.once.Do(func() {
		if p.err = p.open(); p.err == nil {
			p.looping.Go(p.loop)
		}
	})
	return p.err
}

func (p *polling) open() error {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	if err := syscall.SetNonblock(fd, true); err != nil {
		_ = syscall.Close(fd)
		return os.NewSyscallError("fcntl", err)
	}
	file := os.NewFile(uintptr(fd), "epoll")
	if p.raw, err = file.SyscallConn(); err == nil {
		err = file.SetReadDeadline(time.Time{}) // fails when Go's poller refused the file
	}
	if err != nil {
		_ = file.Close()
		return err
	}
	p.file, p.fd = file, fd
	return nil
}

// stop ends the polling. All connections must be closed, and none may come.
func (p *polling) stop() {
	p.once.Do(func() {})
	if p.file == nil {
		return
	}
	_ = p.file.Close() // wakes the loop
	p.looping.Wait()
	close(p.work)
	p.workers.Wait()
}

// loop waits within one RawConn.Read: its function takes what events there are
// and then asks to wait for more. It returns when the file is closed.
func (p *polling) loop() {
	var events [256]syscall.EpollEvent
	_ = p.raw.Read(func(fd uintptr) bool {
		for {
			n, err := syscall.EpollWait(int(fd), events[:], 0)
			for i := range events[:max(n, 0)] {
				p.event(&events[i])
			}
			if n < len(events) && err != syscall.EINTR {
				return false
			}
		}
	})
}

func (p *polling) event(e *syscall.EpollEvent) {
	p.mu.RLock()
	s := p.sockets[e.Fd]
	p.mu.RUnlock()
	if s == nil {
		return // closed meanwhile
	}
	if e.Events&syscall.EPOLLOUT != 0 && s.c.backed.Load() {
		s.writable()
	}
	if e.Events&(syscall.EPOLLIN|hangups) != 0 && s.claim(e.Events&hangups != 0) {
		p.dispatch(s)
	}
}

// dispatch hands a readable socket to a goroutine that waits, or to a new one.
func (p *polling) dispatch(s *socket) {
	select {
	case p.work <- s:
	default:
		p.workers.Go(func() { p.reader(s) })
	}
}

func (p *polling) reader(s *socket) {
	for ok := true; ok; {
		s.read()
		if p.idle.Add(1) > maxIdleReaders {
			p.idle.Add(-1)
			return
		}
		s, ok = <-p.work
		p.idle.Add(-1)
	}
}

// socket is the transport of a TCP connection.
type socket struct {
	p     *polling
	c     *conn
	fd    int // guarded by conn.mu, and by being the reader
	state atomic.Uint32

	registered, waiting bool // in epoll; there for room, too. Guarded by conn.mu
}

var _ transport = (*socket)(nil)

const (
	reading uint32 = 1 << iota // a goroutine reads
	again                      // an edge came meanwhile
	hungUp                     // the client has ended its side: read to the end
)

// transport takes the socket below raw over; raw is the caller's to close.
// Where there is none, or no descriptor is left, raw itself is used.
func (p *polling) transport(c *conn, raw net.Conn) transport {
	sc, ok := raw.(syscall.Conn)
	if !ok || p.start() != nil {
		return newStream(c, raw)
	}
	control, err := sc.SyscallConn()
	if err != nil {
		return newStream(c, raw)
	}
	fd := -1
	err = control.Control(func(original uintptr) { fd = duplicate(original) })
	if err != nil || fd < 0 {
		return newStream(c, raw)
	}
	return &socket{p: p, c: c, fd: fd}
}

// duplicate returns -1 when no descriptor is left. Being of the same open file,
// the duplicate does not block either.
func duplicate(fd uintptr) int {
	n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_DUPFD_CLOEXEC, 0)
	if errno != 0 {
		return -1
	}
	return int(n)
}

func (s *socket) run(first []byte) {
	var jobs backlog
	if len(first) > 0 {
		s.state.Store(reading)
	}
	if err := s.p.register(s); err != nil {
		s.c.g.log.Warn("connection not registered", "connection", s.c.peer.id, "error", err)
		s.c.gone(&jobs)
		jobs.spawn()
		return
	}
	if len(first) > 0 {
		s.c.feed(first, &jobs)
		jobs.spawn()
		s.read()
	}
}

func (p *polling) register(s *socket) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	p.mu.Lock()
	for len(p.sockets) <= s.fd {
		p.sockets = append(p.sockets, nil)
	}
	p.sockets[s.fd] = s
	p.mu.Unlock()
	s.registered = true
	return s.control(syscall.EPOLL_CTL_ADD)
}

// control tells epoll what to look for, with conn.mu held.
func (s *socket) control(op int) error {
	e := syscall.EpollEvent{Events: edges & 0xffffffff, Fd: int32(s.fd)}
	if s.waiting {
		e.Events |= syscall.EPOLLOUT
	}
	return os.NewSyscallError("epoll_ctl", syscall.EpollCtl(s.p.fd, op, s.fd, &e))
}

// claim notes that there is something to read, and reports whether the caller
// must see to the reading.
func (s *socket) claim(hup bool) bool {
	for {
		old := s.state.Load()
		next := old | reading
		if old&reading != 0 {
			next |= again
		}
		if hup {
			next |= hungUp
		}
		if s.state.CompareAndSwap(old, next) {
			return old&reading == 0
		}
	}
}

// yieldReading gives the reading up, unless an edge came meanwhile.
func (s *socket) yieldReading() bool {
	for {
		old := s.state.Load()
		next := old &^ reading
		if old&again != 0 {
			next = old &^ again
		}
		if s.state.CompareAndSwap(old, next) {
			return old&again == 0
		}
	}
}

// read reads what there is. The last message runs here, once others may read.
func (s *socket) read() {
	var jobs backlog
	for {
		if !s.drain(&jobs) {
			s.c.gone(&jobs)
			break
		}
		s.c.rest()
		if s.yieldReading() {
			break
		}
	}
	jobs.run()
}

// drain reads until nothing is left, and reports false at the stream's end. A
// read that does not fill the buffer has emptied the socket: what comes later
// brings an edge of its own. Only after a hang-up the end itself must be read.
func (s *socket) drain(jobs *backlog) bool {
	buf := readBuffers.Get().(*[readBufferSize]byte)
	defer readBuffers.Put(buf)
	for {
		n, err := syscall.Read(s.fd, buf[:])
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return true
		case err != nil || n == 0:
			return false
		}
		s.c.feed(buf[:n], jobs)
		if n < len(buf) && s.state.Load()&hungUp == 0 {
			return true
		}
	}
}

func (s *socket) writable() {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if len(s.c.out) > 0 {
		s.c.flush()
	}
}

// write writes until the kernel takes no more; then a writable edge will come.
func (s *socket) write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n, err := syscall.Write(s.fd, p[done:])
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return done, s.awaitRoom()
		case err != nil:
			return done, os.NewSyscallError("write", err)
		}
		done += n
	}
	return done, nil
}

// awaitRoom asks for writable edges, from now on; room that has come meanwhile
// brings one at once.
func (s *socket) awaitRoom() error {
	if s.waiting {
		return nil
	}
	s.waiting = true
	if !s.registered {
		return nil
	}
	return s.control(syscall.EPOLL_CTL_MOD)
}

// The errors of shutdown mean that the client has gone already, which the
// reader sees by itself.

func (s *socket) closeWrite() { _ = syscall.Shutdown(s.fd, syscall.SHUT_WR) }

func (s *socket) abort() { _ = syscall.Shutdown(s.fd, syscall.SHUT_RDWR) }

func (s *socket) close() {
	s.p.mu.Lock()
	if s.fd < len(s.p.sockets) && s.p.sockets[s.fd] == s {
		s.p.sockets[s.fd] = nil
	}
	s.p.mu.Unlock()
	// That also takes it out of epoll, at the latest when the server closes its
	// descriptor of the same open file. Until then an event may reach the wrong
	// socket, which then finds nothing to read.
	_ = syscall.Close(s.fd)
	s.fd = -1
}
