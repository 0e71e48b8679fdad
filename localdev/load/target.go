package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"bellhop/localdev/load/floor"
	"bellhop/localdev/load/wire"
)

// target is a server under load.
type target interface {
	// connect opens a socket of the user and returns once it is welcomed.
	connect(user string) (*wire.Socket, error)
	// publish sends one notification to the users and returns once it is
	// answered.
	publish(users []string, store bool) error
	close()
}

const notification = `{"source":"load","type":"load.run","data":{"title":"Your order is on its way","body":"` +
	`It left the warehouse this morning and reaches you tomorrow between nine and twelve.","tag":"order-4711","url":"/orders/4711"}}`

// bellhop is a running Bellhop, asked as its users ask: a cookie, the Invoke
// API.
type bellhop struct {
	addr   string
	poster *wire.Poster
}

func newBellhop(addr string) *bellhop { return &bellhop{addr: addr, poster: wire.NewPoster(addr)} }

func (b *bellhop) invoke(function string, request []byte) ([]byte, error) {
	return b.poster.Post("http://"+b.addr+"/2015-03-31/functions/"+function+"/invocations", request)
}

// signIn makes a session and returns the Cookie header.
func (b *bellhop) signIn(user string) (string, error) {
	request, _ := json.Marshal(map[string]any{"op": "create", "user": user, "ttl": 3600})
	answer, err := b.invoke("bellhop-sessions", request)
	if err != nil {
		return "", err
	}
	var created struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal(answer, &created); err != nil || created.Token == "" {
		return "", fmt.Errorf("sign %s in: %s", user, answer)
	}
	return "Cookie: sessionid=" + created.Token + "\r\nOrigin: http://localhost:8000\r\n", nil
}

func (b *bellhop) connect(user string) (*wire.Socket, error) {
	cookie, err := b.signIn(user)
	if err != nil {
		return nil, err
	}
	return b.open(cookie)
}

func (b *bellhop) open(cookie string) (*wire.Socket, error) {
	s, err := wire.Dial(b.addr, "/ws/notifications/", cookie)
	if err != nil {
		return nil, err
	}
	return s, greet(s)
}

func greet(s *wire.Socket) error {
	if err := s.Send([]byte(`{"type":"hello","id":"1"}`)); err != nil {
		return err
	}
	frame, err := s.Receive(nil)
	if err == nil && !strings.HasPrefix(string(frame), `{"type":"welcome"`) {
		err = fmt.Errorf("hello was answered with %s", frame)
	}
	return err
}

func (b *bellhop) publish(users []string, store bool) error {
	names, _ := json.Marshal(users)
	answer, err := b.invoke("bellhop-publish", fmt.Appendf(nil, `{"users":%s,"store":%t,"notification":%s}`, names, store, notification))
	if err == nil && !strings.Contains(string(answer), `"outcome":"live"`) {
		err = fmt.Errorf("publish was answered with %.200s", answer)
	}
	return err
}

func (b *bellhop) close() { b.poster.Close() }

// bare is the floor.
type bare struct {
	server *floor.Server
	poster *wire.Poster
}

func newBare() (*bare, error) {
	server, err := floor.Start()
	if err != nil {
		return nil, err
	}
	return &bare{server: server, poster: wire.NewPoster(server.Addr())}, nil
}

func (f *bare) connect(user string) (*wire.Socket, error) {
	s, err := wire.Dial(f.server.Addr(), "/ws?user="+user, "")
	if err != nil {
		return nil, err
	}
	return s, greet(s)
}

// frame is as large as Bellhop's.
var frame = []byte(`{"type":"notification","epoch":"01J00000000000000000000000","offset":1000,"event":` + notification + `,"unread":100,"unseen":100}`)

func (f *bare) publish(users []string, _ bool) error {
	for _, user := range users {
		if _, err := f.poster.Post("http://"+f.server.Addr()+"/publish?user="+user, frame); err != nil {
			return err
		}
	}
	return nil
}

func (f *bare) close() {
	f.poster.Close()
	f.server.Close()
}
