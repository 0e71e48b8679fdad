package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"bellhop/shared/protocol"

	"github.com/coder/websocket"
)

// maxMessage is what the gateway pushes at most (API Gateway, quotas for
// WebSocket APIs).
const maxMessage = 128 << 10

// ErrClosed says that this end closed the connection.
var ErrClosed = errors.New("the client is closed")

// Client is one connection of a user. Its methods are safe for concurrent use,
// but that one goroutine at a time calls Next. Close or Abort it.
type Client struct {
	conn    *websocket.Conn
	queue   *queue
	ids     atomic.Int64
	closing atomic.Bool
	done    chan struct{} // the reader has ended

	mu      sync.Mutex
	answers map[string]chan protocol.ServerFrame // by the id of the request
	welcome *protocol.Welcome                    // the first one
}

// Dial opens a connection, says hello and waits for the welcome. ctx is for
// that alone. The error wraps *Refused if the handshake was refused.
func Dial(ctx context.Context, url string, o Options) (*Client, error) {
	address, err := o.address(url)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	conn, response, err := websocket.Dial(ctx, address, o.dial())
	if err != nil {
		if response != nil && response.StatusCode != http.StatusSwitchingProtocols {
			err = &Refused{Status: response.StatusCode}
		}
		return nil, fmt.Errorf("dial: %w", err)
	}
	conn.SetReadLimit(maxMessage)
	at := Position{Epoch: o.Epoch, Offset: o.Offset}
	c := &Client{conn: conn, queue: newQueue(at), done: make(chan struct{}), answers: map[string]chan protocol.ServerFrame{}}
	if err := c.start(ctx, at); err != nil {
		c.Abort()
		return nil, fmt.Errorf("dial: %w", err)
	}
	return c, nil
}

// start runs the reader and waits for the first welcome.
func (c *Client) start(ctx context.Context, at Position) error {
	r := newReader(c, at)
	welcomed := c.expect(r.asked)
	err := r.hello()
	go r.run()
	if err != nil {
		return err
	}
	answer, err := c.await(ctx, welcomed)
	if err != nil {
		return err
	}
	if w, ok := answer.(*protocol.Welcome); ok {
		c.welcome = w
		return nil
	}
	return fmt.Errorf("hello was answered with %T", answer)
}

// Welcome is the answer to the first hello: user, badge, end of the session.
func (c *Client) Welcome() protocol.Welcome { return *c.welcome }

// Subprotocol is what the service selected: bellhop.v1.
func (c *Client) Subprotocol() string { return c.conn.Subprotocol() }

// Next waits for the next change. Once the connection has ended and all changes
// are taken it fails with the connection's error; with ctx's, if that ends first.
func (c *Client) Next(ctx context.Context) (Change, error) { return c.queue.next(ctx) }

// Position is right behind the last change that Next gave: where another
// connection resumes.
func (c *Client) Position() Position { return c.queue.position() }

// Mark sets the state of items; its ID is filled in. The error is a
// *protocol.Error if the service refused.
func (c *Client) Mark(ctx context.Context, m protocol.Mark) (*protocol.Marked, error) {
	m.ID = c.newID()
	answer, err := c.request(ctx, m.ID, &m)
	if err != nil {
		return nil, fmt.Errorf("mark: %w", err)
	}
	marked, ok := answer.(*protocol.Marked)
	if !ok {
		return nil, fmt.Errorf("mark was answered with %T", answer)
	}
	return marked, nil
}

// List asks for a page; its ID is filled in. The error is a *protocol.Error if
// the service refused.
func (c *Client) List(ctx context.Context, l protocol.List) (*protocol.Page, error) {
	l.ID = c.newID()
	answer, err := c.request(ctx, l.ID, &l)
	if err != nil {
		return nil, fmt.Errorf("list: %w", err)
	}
	page, ok := answer.(*protocol.Page)
	if !ok {
		return nil, fmt.Errorf("list was answered with %T", answer)
	}
	return page, nil
}

// Close closes the connection with code 1000 and waits until it has ended,
// 10 s at most. Changes that Next has not given stay there. Later calls do
// nothing.
func (c *Client) Close() {
	c.closing.Store(true)
	_ = c.conn.Close(websocket.StatusNormalClosure, "") // the other end may have been first
	<-c.done
}

// Abort cuts the connection without a word.
func (c *Client) Abort() {
	c.closing.Store(true)
	_ = c.conn.CloseNow() // there is nothing left to save
	<-c.done
}

func (c *Client) newID() string { return strconv.FormatInt(c.ids.Add(1), 10) }

// expect opens the place where the answer to a request will be put.
func (c *Client) expect(id string) chan protocol.ServerFrame {
	answer := make(chan protocol.ServerFrame, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers[id] = answer
	return answer
}

// answer hands a frame to who waits for it, and says whether anybody does.
func (c *Client) answer(id string, frame protocol.ServerFrame) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting, ok := c.answers[id]
	if ok {
		delete(c.answers, id)
		waiting <- frame
	}
	return ok
}

func (c *Client) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.answers, id)
}

func (c *Client) request(ctx context.Context, id string, frame any) (protocol.ServerFrame, error) {
	answer := c.expect(id)
	defer c.forget(id)
	if err := c.send(ctx, frame); err != nil {
		return nil, err
	}
	return c.await(ctx, answer)
}

func (c *Client) await(ctx context.Context, answer chan protocol.ServerFrame) (protocol.ServerFrame, error) {
	select {
	case frame := <-answer:
		if e, ok := frame.(*protocol.ErrorFrame); ok {
			return nil, e.Error
		}
		return frame, nil
	case <-c.done:
		return nil, c.queue.failure()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *Client) send(ctx context.Context, frame any) error {
	return c.conn.Write(ctx, websocket.MessageText, protocol.Encode(frame))
}
