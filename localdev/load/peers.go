package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"bellhop/localdev/load/floor"
	"bellhop/localdev/load/peers"
	"bellhop/localdev/load/wire"
)

// each bounds one measurement of one peer; a round takes half of it.
var each = bound{n: 10_000, within: 6 * time.Second}

// runPeers measures all peers and prints a table in Markdown. A peer that cannot
// be had is told of, and left out.
func runPeers(out io.Writer, folder string) error {
	work, err := os.MkdirTemp("", "bellhop-peers-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	program := filepath.Join(work, "localdev")
	if text, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./localdev").CombinedOutput(); err != nil {
		return fmt.Errorf("build ./localdev: %w\n%s", err, text)
	}
	lab := &peers.Lab{Folder: folder, Work: work, Bellhop: program}
	if err := lab.Open(); err != nil {
		return err
	}
	var lines []line
	for _, p := range lab.Peers() {
		fmt.Fprintf(os.Stderr, "measuring %s\n", p.Name)
		l, err := measurePeer(ctx, p)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s is left out: %v\n", p.Name, err)
			continue
		}
		lines = append(lines, l)
	}
	report(out, lines)
	return nil
}

func measurePeer(ctx context.Context, p peers.Peer) (l line, err error) {
	running, err := p.Start(ctx)
	if err != nil {
		return line{}, err
	}
	defer func() { err = errors.Join(err, running.Close()) }()
	bare, err := floor.Start()
	if err != nil {
		return line{}, err
	}
	defer bare.Close()
	least, theirs := &bareAPI{server: bare}, &peerAPI{running.Site}
	l.name = p.Name
	for _, m := range []func(smallAPI, bound) (took, error){handshakes, echoes, pushes} {
		c, err := compare(least, theirs, m)
		if err != nil {
			return line{}, err
		}
		l.cells = append(l.cells, c)
	}
	return l, nil
}

// compare lets both take turns: a short one to get warm, and two that count.
func compare(least, theirs smallAPI, measure func(smallAPI, bound) (took, error)) (cell, error) {
	var low, high took
	turns := []bound{{n: each.n / 20, within: each.within / 4}, {each.n / 2, each.within / 2}, {each.n / 2, each.within / 2}}
	for i, turn := range turns {
		a, err1 := measure(least, turn)
		b, err2 := measure(theirs, turn)
		if err := errors.Join(err1, err2); err != nil {
			return cell{}, err
		}
		if i > 0 {
			low.add(a)
			high.add(b)
		}
	}
	return cell{rate: high.perSecond(), share: high.perSecond() / low.perSecond(), p50: high.percentile(50)}, nil
}

// smallAPI is the API of package peers, or the least that could do its job.
type smallAPI interface {
	addr() string
	dial() (*wire.Socket, error)
	// postURL is where to post what the socket, of the latest dial, shall get.
	postURL(s *wire.Socket) (string, error)
}

type peerAPI struct{ site peers.Site }

func (a *peerAPI) addr() string { return a.site.Addr }

func (a *peerAPI) dial() (*wire.Socket, error) {
	return wire.Dial(a.site.Addr, a.site.Socket, peers.Cookie)
}

func (a *peerAPI) postURL(s *wire.Socket) (string, error) {
	if err := s.Send([]byte(`{"type":"id"}`)); err != nil {
		return "", err
	}
	id, err := s.Receive(nil)
	return "http://" + a.site.Addr + a.site.Post + "/@connections/" + string(id), err
}

// bareAPI gives each socket a user of its own.
type bareAPI struct {
	server *floor.Server
	users  atomic.Int64
}

func (a *bareAPI) addr() string { return a.server.Addr() }

func (a *bareAPI) dial() (*wire.Socket, error) {
	return wire.Dial(a.addr(), fmt.Sprintf("/ws?user=%d", a.users.Add(1)), peers.Cookie)
}

func (a *bareAPI) postURL(*wire.Socket) (string, error) {
	return fmt.Sprintf("http://%s/publish?user=%d", a.addr(), a.users.Load()), nil
}

// handshakes opens sockets and closes each at once.
func handshakes(a smallAPI, b bound) (took, error) {
	return b.inParallel(func(int) error {
		s, err := a.dial()
		if err == nil {
			s.Close()
		}
		return err
	})
}

// dialEach opens a socket for each worker; call the function it returns in the
// end.
func dialEach(a smallAPI) (sockets []*wire.Socket, urls []string, closeAll func(), err error) {
	closeAll = func() {
		for _, s := range sockets {
			s.Close()
		}
	}
	for range parallel {
		s, err := a.dial()
		if err != nil {
			return nil, nil, closeAll, err
		}
		sockets = append(sockets, s)
		url, err := a.postURL(s)
		if err != nil {
			return nil, nil, closeAll, err
		}
		urls = append(urls, url)
	}
	return sockets, urls, closeAll, nil
}

var echoed = []byte(`{"type":"echo","text":"It left the warehouse this morning and reaches you tomorrow between nine and twelve."}`)

// echoes sends frames and waits for the answer to each.
func echoes(a smallAPI, b bound) (took, error) {
	sockets, _, closeAll, err := dialEach(a)
	defer closeAll()
	if err != nil {
		return took{}, err
	}
	buffers := make([][]byte, parallel)
	return b.inParallel(func(w int) (err error) {
		if err = sockets[w].Send(echoed); err == nil {
			buffers[w], err = sockets[w].Receive(buffers[w])
		}
		return err
	})
}

// pushes posts to connections and waits until the client has each.
func pushes(a smallAPI, b bound) (took, error) {
	sockets, urls, closeAll, err := dialEach(a)
	defer closeAll()
	if err != nil {
		return took{}, err
	}
	poster := wire.NewPoster(a.addr())
	defer poster.Close()
	buffers := make([][]byte, parallel)
	return b.inParallel(func(w int) (err error) {
		if _, err = poster.Post(urls[w], echoed); err == nil {
			buffers[w], err = sockets[w].Receive(buffers[w])
		}
		return err
	})
}
