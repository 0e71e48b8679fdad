package client

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"

	"bellhop/shared/protocol"

	"github.com/coder/websocket"
)

// Options say who dials and from where in the log. All are optional.
type Options struct {
	Cookie   string // Cookie header, such as "sessionid=…"
	Bearer   string // token for the Authorization header
	Protocol string // token for the subprotocol bellhop.bearer.…, as browsers without a cookie send it
	Ticket   string // one-time ticket, sent as the query parameter
	Origin   string // Origin header

	// Epoch and Offset are the position to resume from. Without an epoch the
	// client begins with the newest page.
	Epoch  string
	Offset int64

	// HTTPClient makes the handshake. Default: one that keeps no connections.
	HTTPClient *http.Client
}

// Refused is a handshake that the gateway refused.
type Refused struct{ Status int }

// Error tells the status.
func (r *Refused) Error() string {
	return fmt.Sprintf("handshake refused: %d %s", r.Status, http.StatusText(r.Status))
}

func (o Options) dial() *websocket.DialOptions {
	d := &websocket.DialOptions{
		HTTPClient: o.HTTPClient, HTTPHeader: http.Header{}, Subprotocols: []string{protocol.Subprotocol},
	}
	if d.HTTPClient == nil {
		d.HTTPClient = &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}}
	}
	set := func(name, value string) {
		if value != "" {
			d.HTTPHeader.Set(name, value)
		}
	}
	set("Cookie", o.Cookie)
	set("Origin", o.Origin)
	if o.Bearer != "" {
		set("Authorization", "Bearer "+o.Bearer)
	}
	if o.Protocol != "" {
		d.Subprotocols = append(d.Subprotocols, protocol.BearerSubprotocol+base64.RawURLEncoding.EncodeToString([]byte(o.Protocol)))
	}
	return d
}

// address is the URL with the ticket, if there is one.
func (o Options) address(rawURL string) (string, error) {
	if o.Ticket == "" {
		return rawURL, nil
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("ticket", o.Ticket)
	u.RawQuery = q.Encode()
	return u.String(), nil
}
