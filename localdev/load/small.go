package main

import (
	"fmt"
	"sync/atomic"

	"bellhop/localdev/load/floor"
	"bellhop/localdev/load/peers"
	"bellhop/localdev/load/wire"
)

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

// postURL waits for an answer first: by then the server knows the socket.
func (a *bareAPI) postURL(s *wire.Socket) (string, error) {
	return fmt.Sprintf("http://%s/publish?user=%d", a.addr(), a.users.Load()), greet(s)
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
