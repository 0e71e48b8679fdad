package gateway

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"bellhop/localdev/fault"
	"bellhop/localdev/observe"

	"github.com/valyala/fasthttp"
)

// Options are the optional settings of a Gateway; nil means the defaults.
type Options struct {
	Limits Limits
	// Client calls HTTP endpoints; default: one of its own. Its redirects are never
	// followed.
	Client *http.Client
	// Observe is told what happens; nil: nobody.
	Observe *observe.Hub
	// Faults are planted as it says; nil: none.
	Faults *fault.Injector
	// AccessLog gets the lines of the stage's access log, without their ends, from
	// any goroutine; nil: there is no log.
	AccessLog func(line string)
	Logger    *slog.Logger // default: slog.DiscardHandler. Payloads and headers are never logged.

	// Credentials are the secrets by access key that SignaturesVerified accepts;
	// default: local, local.
	Credentials map[string]string
	// APIKeys are the keys that are valid where one is required; none: every key.
	APIKeys []string
	// AccountQuotas plays the account's quotas: 500 new connections a second, and
	// 10,000 requests a second with a burst of 5,000, which handshakes, messages
	// and pushes share. Default: no account.
	AccountQuotas bool

	Uncertain
}

// Limits are API Gateway's quotas. Zero fields take the default. Divide the
// durations for a fast clock.
type Limits struct {
	Idle               time.Duration // without a message either way; default 10 min
	Duration           time.Duration // of a connection; default 2 h
	IntegrationTimeout time.Duration // also of the authorizer; default 29 s
	Frame              int           // from a client, and of the frames to it; default 32 KiB
	Message            int           // from a client or a push; default 128 KiB
	// SendBuffer is how much may wait for a slow client besides what the kernel
	// holds; beyond it pushes get ErrLimit. AWS names no number; default 256 KiB.
	SendBuffer int
	// WriteTimeout is how long a client may take nothing at all before it counts
	// as lost; default 30 s, not documented by AWS.
	WriteTimeout time.Duration
	// CloseTimeout is how long the TCP connection of a closed WebSocket waits for
	// the client to end it too; default 2 s.
	CloseTimeout time.Duration
}

const (
	maxURL              = 4096
	maxRequestHeaders   = 10240
	maxAuthorizerAnswer = 8 << 10
	minIntegration      = 50 * time.Millisecond
	maxIntegration      = 29 * time.Second
)

func (o *Options) withDefaults() Options {
	var out Options
	if o != nil {
		out = *o
	}
	if out.Logger == nil {
		out.Logger = slog.New(slog.DiscardHandler)
	}
	l := &out.Limits
	if out.Credentials == nil {
		out.Credentials = map[string]string{"local": "local"}
	}
	out.Uncertain.setDefaults()
	orDefault(&l.Idle, 10*time.Minute)
	orDefault(&l.Duration, 2*time.Hour)
	orDefault(&l.IntegrationTimeout, maxIntegration)
	orDefault(&l.Frame, 32<<10)
	orDefault(&l.Message, 128<<10)
	orDefault(&l.SendBuffer, 256<<10)
	orDefault(&l.WriteTimeout, 30*time.Second)
	orDefault(&l.CloseTimeout, 2*time.Second)
	return out
}

func orDefault[T int | time.Duration](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}

// Configure sets what the gateway needs of the server that calls it: the
// client's spelling of header names, API Gateway's limit of 10,240 bytes for
// request line and headers (431 beyond it), no Server header, and no hold on
// connections that were taken over (KeepHijackedConns off: the gateway keeps
// a duplicate of the socket, and the server may reuse its buffers).
func Configure(s *fasthttp.Server) {
	s.DisableHeaderNamesNormalizing = true
	s.ReadBufferSize = maxRequestHeaders
	s.NoDefaultServerHeader = true
	s.KeepHijackedConns = false
}

// Listen listens at a TCP address for the server of gateways, without keep-alive
// probes: a client that has vanished is the idle time-out's to end, as on AWS, and
// each connection costs four system calls less.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	return (&net.ListenConfig{KeepAlive: -1}).Listen(ctx, "tcp", address)
}
