package gateway

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"time"

	"bellhop/localdev/gateway/connid"
	"bellhop/localdev/gateway/fields"
	"bellhop/localdev/gateway/integration"
	"bellhop/localdev/observe"

	"github.com/valyala/fasthttp"
)

const (
	headerKey        = "Sec-WebSocket-Key"
	headerVersion    = "Sec-WebSocket-Version"
	headerProtocol   = "Sec-WebSocket-Protocol"
	headerExtensions = "Sec-WebSocket-Extensions"
	headerForwarded  = "X-Forwarded-For"
	headerTrace      = "X-Amzn-Trace-Id"
)

// handshake is an upgrade request on its way through the API.
type handshake struct {
	g         *Gateway
	headers   fields.Fields
	query     fields.Fields
	peer      *peer
	protocol  string // to answer with; "": none
	usageKey  string // usageIdentifierKey of the authorizer
	sourceIP  string
	secure    bool
	localPort string
	size      int // bytes of the headers
}

// ServeUpgrade answers a WebSocket handshake. It calls the authorizer and the
// $connect integration while the client waits, and takes the connection over
// when both agree. It does not look at the path: which Gateway serves a path
// is for the caller to decide, and events of WebSocket APIs have none.
func (g *Gateway) ServeUpgrade(ctx *fasthttp.RequestCtx) {
	if g.closing.Load() || !g.gate.Enter() {
		reject(503).write(ctx, "")
		return
	}
	defer g.gate.Leave()
	h := g.newHandshake(ctx)
	now := time.Now()
	m := &moment{
		peer: h.peer, kind: eventConnect, routeKey: routeConnect, at: now,
		requestID: g.ids.Next(connid.NewTail()), handshake: h,
	}
	h.peer.connectedAt = now.UnixMilli()
	refused := h.check(ctx)
	if refused == nil {
		refused = h.admit(ctx, m)
	}
	if refused != nil {
		if refused.status == fasthttp.StatusUpgradeRequired {
			ctx.Response.Header.Set("Upgrade", "websocket")
			ctx.Response.Header.Set(headerVersion, "13")
		}
		if g.opts.Observe.On() {
			g.opts.Observe.Emit(observe.Event{Kind: observe.Refuse, API: g.name, Connection: h.peer.id, Status: refused.status})
		}
		refused.write(ctx, m.requestID)
		g.access(m, refused.status, refused.message)
		return
	}
	g.access(m, fasthttp.StatusOK, "")
	u := &upgrade{g: g, peer: h.peer, protocol: h.protocol, key: h.headers.Last(headerKey)}
	u.extensions = h.offer()
	ctx.HijackSetNoResponse(true)
	ctx.Hijack(u.takeOver)
}

func (g *Gateway) newHandshake(ctx *fasthttp.RequestCtx) *handshake {
	raw := string(ctx.Request.Header.RawHeaders())
	h := &handshake{
		g:       g,
		headers: fields.Fields{List: make([]fields.Field, 0, strings.Count(raw, "\n")+gatewayHeaders), Fold: true},
		secure:  ctx.IsTLS(),
		size:    len(raw),
	}
	h.headers.AddRaw(raw)
	for key, value := range ctx.QueryArgs().All() {
		h.query.Add(string(key), string(value))
	}
	var agent *string
	for value := range h.headers.Values("User-Agent") {
		agent = &value
	}
	h.sourceIP, _ = hostPort(ctx.RemoteAddr())
	_, h.localPort = hostPort(ctx.LocalAddr())
	h.peer = &peer{
		id:       g.ids.Next(connid.NewTail()),
		domain:   h.headers.Last("Host"),
		identity: renderIdentity(agent, h.sourceIP),
	}
	h.peer.domain = cmp.Or(g.api.domainName(h.peer.domain), g.api.Domain, h.peer.domain)
	h.addGatewayHeaders()
	return h
}

func hostPort(a net.Addr) (host, port string) {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.IP.String(), strconv.Itoa(tcp.Port)
	}
	return a.String(), "0"
}

// gatewayHeaders is how many addGatewayHeaders adds at most.
const gatewayHeaders = 5

// addGatewayHeaders adds what API Gateway puts in front of an API's headers.
func (h *handshake) addGatewayHeaders() {
	if h.headers.Last("Content-Length") == "" {
		h.headers.Add("content-length", "0")
	}
	if h.headers.Last(headerTrace) == "" {
		h.headers.Add(headerTrace, newTraceID())
	}
	port, proto := h.localPort, "http"
	if h.secure {
		proto = "https"
	}
	forwarded := h.sourceIP
	if before := h.headers.Last(headerForwarded); before != "" {
		forwarded = before + ", " + forwarded
	}
	h.headers.Set(headerForwarded, forwarded)
	h.headers.Set("X-Forwarded-Port", port)
	h.headers.Set("X-Forwarded-Proto", proto)
}

// newTraceID makes an X-Ray trace header: Root=1-<time>-<96 random bits>.
func newTraceID() string {
	var buf [20]byte
	raw := binary.BigEndian.AppendUint32(buf[:0], uint32(time.Now().Unix()))
	raw = binary.BigEndian.AppendUint64(raw, rand.Uint64())
	raw = binary.BigEndian.AppendUint32(raw, rand.Uint32())
	text := hex.AppendEncode(append(make([]byte, 0, 40), "Root=1-"...), raw[:4])
	return string(hex.AppendEncode(append(text, '-'), raw[4:]))
}

// check judges the form of the request (RFC 6455 §4.2.1).
func (h *handshake) check(ctx *fasthttp.RequestCtx) *rejection {
	isUpgrade := ctx.IsGet() && ctx.Request.Header.IsHTTP11() &&
		h.headers.HasToken("Upgrade", "websocket") && h.headers.HasToken("Connection", "upgrade")
	switch {
	case h.g.api.Undeployed, h.g.api.unknown(h.headers.Last("Host")):
		return reject(403)
	case len(ctx.RequestURI()) > maxURL:
		return reject(414)
	case !isUpgrade, h.headers.Last(headerVersion) != "13":
		return reject(h.g.opts.PlainStatus)
	case !validKey(h.headers.Last(headerKey)):
		return reject(400)
	}
	return nil
}

func validKey(key string) bool {
	raw, err := base64.StdEncoding.DecodeString(key)
	return err == nil && len(raw) == 16
}

// admit runs throttle, signature, authorizer, API key and $connect, in this
// order. A key of the header is looked at before the authorizer runs.
func (h *handshake) admit(ctx *fasthttp.RequestCtx, m *moment) *rejection {
	if h.g.opts.Faults.RefusesConnect(m.at) || !h.g.account.TakeConnect(m.at) {
		return reject(429)
	}
	route := h.g.routes[routeConnect]
	if route == nil {
		return nil // $connect is optional
	}
	if !route.bucket.Take(m.at) {
		return reject(429)
	}
	if refused := h.authorize(ctx, m); refused != nil {
		return refused
	}
	return h.connect(route, m)
}

func (h *handshake) authorize(ctx *fasthttp.RequestCtx, m *moment) *rejection {
	if h.g.api.IAM {
		if refused := h.g.signed(ctx); refused != nil {
			return refused
		}
	}
	byAuthorizer := h.g.api.APIKeySelectionExpression == keyOfAuthorizer
	if !byAuthorizer {
		if refused := h.keyed(); refused != nil {
			return refused
		}
	}
	if h.g.authorizer != nil {
		if refused := h.g.authorizer.authorize(h, m); refused != nil {
			return refused
		}
	}
	if byAuthorizer {
		return h.keyed()
	}
	return nil
}

// connect runs the integration of $connect. A status other than 2xx is passed
// through; its body is not, nor is any header of its result but the
// subprotocol's.
func (h *handshake) connect(route *route, m *moment) *rejection {
	var input []byte
	if route.integration.WantsEvent() {
		input = h.g.connectEvent(h, m)
	}
	a, err := h.g.ask(route, m, input)
	switch {
	case err == nil && a.None:
		err = errNoAnswer
	case err == nil && !validProtocol(a.Protocol):
		err = errProtocol
	}
	if err != nil {
		h.g.log.Warn("$connect failed", "connection", h.peer.id, "error", err)
		return reject(h.g.statusOf(err))
	}
	if a.Status < 200 || a.Status > 299 {
		return reject(a.Status)
	}
	h.protocol = a.Protocol
	return nil
}

var (
	errNoAnswer = errors.New("the integration answered null")
	errProtocol = errors.New("the subprotocol is not a token")
)

// statusOf maps an integration's error to the status of a refused handshake.
func (g *Gateway) statusOf(err error) int {
	switch {
	case errors.Is(err, integration.ErrTimedOut):
		return g.opts.TimeoutStatus
	case errors.Is(err, integration.ErrUnreachable):
		return g.opts.UnreachableStatus
	case errors.Is(err, integration.ErrMediaType):
		return 415
	}
	return 502
}

// validProtocol keeps line breaks and the like out of the response's head.
func validProtocol(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' && s[i] != ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// offer returns the client's extension offers as one header value.
func (h *handshake) offer() string {
	offer := ""
	for value := range h.headers.Values(headerExtensions) {
		if offer != "" {
			offer += ", "
		}
		offer += value
	}
	return offer
}

func (h *handshake) appendQuery(b []byte) []byte {
	if len(h.query.List) == 0 {
		return b
	}
	return h.query.AppendJSON(b, fields.Query, fields.None)
}
