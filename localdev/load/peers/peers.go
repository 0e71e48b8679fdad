// Package peers runs one small WebSocket API on several emulators of API Gateway,
// each as its users run it, so that they can be measured beside each other: on
// Bellhop's local service, on serverless-offline and on MiniStack.
//
// The API is in a folder of its own ([Lab.Folder], test/peers): a Node.js function
// that is the authorizer, $connect and the routes id and echo, and what each
// emulator wants to know of it. [Peer.Start] installs the emulator there first,
// when that has not been done.
//
// # Limits
//
// Loopback only. An installation may take 5 min, a start 1 min, an end 10 s;
// then the processes are killed, with all that they have started.
//
// # Errors
//
// What a peer wrote is part of the error that tells that it did not start. Where
// one cannot be installed or started, the others can. Read next: lab.go.
package peers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellhop/localdev/load/wire"
)

const (
	installWithin = 5 * time.Minute
	startWithin   = time.Minute
	endWithin     = 10 * time.Second
)

// Cookie is the header that the API's authorizer asks for.
const Cookie = "Cookie: sessionid=peers\r\n"

// Site is where the API is.
type Site struct {
	Addr   string // host:port
	Socket string // path of the WebSocket
	Post   string // path before /@connections/{id}
}

// Peer is an emulator.
type Peer struct {
	Name  string // with its version
	start func(ctx context.Context) (*Running, error)
}

// Running is a peer that serves the API. Close it.
type Running struct {
	Site
	process *process
}

// Start installs the peer, if that has not been done, and returns once the API
// takes connections.
func (p Peer) Start(ctx context.Context) (*Running, error) {
	r, err := p.start(ctx)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", p.Name, err)
	}
	return r, nil
}

// Close ends the peer's processes.
func (r *Running) Close() error { return r.process.close() }

// up waits until the API of a process takes connections.
func up(ctx context.Context, p *process, s Site) (*Running, error) {
	err := p.await(ctx, func() error {
		socket, err := wire.Dial(s.Addr, s.Socket, Cookie)
		if err == nil {
			socket.Close()
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return &Running{s, p}, nil
}
