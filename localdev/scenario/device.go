package scenario

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"bellhop/shared/protocol"

	"github.com/coder/websocket"
)

// device is a client's end of a socket.
type device struct{ conn *websocket.Conn }

// dial opens a socket. The status is that of the handshake's answer, 0 for none.
func dial(ctx context.Context, client *http.Client, url string, header http.Header) (d *device, status int, err error) {
	conn, answer, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPClient: client, HTTPHeader: header, Subprotocols: []string{protocol.Subprotocol},
	})
	if answer != nil {
		status = answer.StatusCode
	}
	if err != nil {
		return nil, status, fmt.Errorf("connect: %w", err)
	}
	conn.SetReadLimit(protocol.MaxFrame)
	return &device{conn}, status, nil
}

func (d *device) send(ctx context.Context, text string) error {
	if err := d.conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

func (d *device) receive(ctx context.Context) ([]byte, error) {
	_, frame, err := d.conn.Read(ctx)
	if err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	return frame, nil
}

// leave closes the socket and waits for the answer to it.
func (d *device) leave() error {
	if err := d.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		return fmt.Errorf("drop: %w", err)
	}
	return nil
}

func (d *device) drop() { _ = d.conn.CloseNow() }

// isClosed says whether the other end closed the socket.
func isClosed(err error) bool {
	return websocket.CloseStatus(err) != -1 || errors.Is(err, io.EOF)
}

// HTTPInvoke is an Invoke for Target that goes through the Lambda Invoke API at
// base, such as http://localhost:8000. It is for a local service: it signs
// nothing.
func HTTPInvoke(client *http.Client, base string) func(ctx context.Context, function string, payload []byte) ([]byte, error) {
	return func(ctx context.Context, function string, payload []byte) ([]byte, error) {
		at := base + "/2015-03-31/functions/" + url.PathEscape(function) + "/invocations"
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, bytes.NewReader(payload))
		if err != nil {
			return nil, err
		}
		res, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return nil, err
		}
		if kind := res.Header.Get("X-Amz-Function-Error"); kind != "" || res.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("status %s %s: %.500s", res.Status, kind, body)
		}
		return body, nil
	}
}
