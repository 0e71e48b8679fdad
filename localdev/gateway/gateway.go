package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"bellhop/localdev/gateway/accesslog"
	"bellhop/localdev/gateway/connid"
	"bellhop/localdev/gateway/expression"
	"bellhop/localdev/gateway/gate"
	"bellhop/localdev/gateway/integration"
	"bellhop/localdev/gateway/model"
	"bellhop/localdev/gateway/rawjson"
	"bellhop/localdev/gateway/throttle"
	"bellhop/localdev/lambda"
)

// The errors of the management API. Compare with errors.Is.
var (
	// ErrInvalidID: the id does not have the form of a connection id; 400.
	ErrInvalidID = errors.New("invalid connection id")
	// ErrGone: the connection is closed, never was, or its handshake is not
	// complete; 410.
	ErrGone = errors.New("connection is gone")
	// ErrTooLarge: more than Limits.Message; 413.
	ErrTooLarge = errors.New("payload too large")
	// ErrLimit: the client's send buffer is full, or the account's quota used up; 429.
	ErrLimit = errors.New("limit exceeded")
	// ErrInternal: the gateway failed, which happens here when asked for only
	// (Options.Faults); 500.
	ErrInternal = errors.New("internal server error")
)

// Gateway serves one stage of one WebSocket API. Its methods are safe for
// concurrent use. Close it.
type Gateway struct {
	api        API
	opts       Options
	limits     Limits
	log        *slog.Logger
	selection  *expression.Expression
	routes     map[string]*route
	authorizer *authorizer // nil: none

	// Parts of every event, rendered once.
	stageJSON, apiJSON, variablesJSON string
	account                           *throttle.Account // nil: no quotas
	accessLog                         *accesslog.Format // nil: none
	name                              string            // of the API for observers: id/stage

	ids     connid.Source
	table   *table
	linger  lingering
	polling *polling

	ctx     context.Context // of all invocations
	cancel  context.CancelFunc
	gate    *gate.Gate
	closing atomic.Bool
	sweeper sync.WaitGroup
	stop    chan struct{} // ends the sweeper
	closed  sync.Once
}

// Info is what the management API tells about a connection.
type Info struct {
	ConnectedAt  time.Time
	LastActiveAt time.Time // of the latest message from the client
	SourceIP     string
	UserAgent    *string // nil when the client sent none
}

// New makes the gateway of an API and starts its goroutines. It refuses what
// AWS would refuse, and templates beyond package mapping, all faults at once.
func New(api API, invoker lambda.Invoker, opts *Options) (*Gateway, error) {
	g := &Gateway{api: api, opts: opts.withDefaults(), table: newTable(), gate: gate.New(), stop: make(chan struct{})}
	g.limits, g.log = g.opts.Limits, g.opts.Logger
	if g.opts.Client == nil {
		g.opts.Client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute}}
	}
	if err := errors.Join(api.validate(), g.prepare(invoker)); err != nil {
		return nil, fmt.Errorf("API %s: %w", api.ID, err)
	}
	g.polling = newPolling()
	g.ctx, g.cancel = context.WithCancel(context.Background())
	g.sweeper.Go(func() { g.sweep(g.stop) })
	return g, nil
}

// prepare parses and renders what the API's description holds.
func (g *Gateway) prepare(invoker lambda.Invoker) error {
	var errs []error
	var err error
	if g.selection, err = expression.Parse(g.api.RouteSelectionExpression); err != nil {
		errs = append(errs, fmt.Errorf("route selection: %w", err))
	}
	tools := integration.Tools{Invoker: invoker, Client: g.opts.Client, Timeout: g.limits.IntegrationTimeout}
	g.routes = make(map[string]*route, len(g.api.Routes))
	for key, r := range g.api.Routes {
		r.Integration.Denied = r.Integration.Denied && !g.opts.PermissionsIgnored
		ready := &route{key: key, twoWay: r.Response, binary: r.Binary, bucket: throttle.New(g.api.Throttle.rateOf(key))}
		if ready.models, err = model.Parse(r.ModelSelectionExpression, r.Models); err != nil {
			errs = append(errs, fmt.Errorf("route %q: %w", key, err))
		}
		if ready.integration, err = integration.New(r.Integration, tools); err != nil {
			errs = append(errs, fmt.Errorf("route %q: %w", key, err))
		}
		g.routes[key] = ready
	}
	if a := g.api.Authorizer; a != nil {
		g.authorizer = &authorizer{
			call:    integration.Caller{Invoker: invoker, Function: a.Function, Timeout: g.authorizerTimeout(), Denied: a.Denied && !g.opts.PermissionsIgnored},
			sources: a.IdentitySources,
		}
	}
	format, err := accesslog.Parse(g.api.AccessLogFormat)
	if g.opts.AccessLog != nil {
		g.accessLog = format
	}
	errs = append(errs, err)
	if g.opts.AccountQuotas {
		g.account = throttle.NewAccount()
	}
	g.name = g.api.ID + "/" + g.api.Stage
	g.stageJSON = string(rawjson.AppendQuoted([]byte(`,"stage":`), g.api.Stage))
	g.apiJSON = string(rawjson.AppendQuoted([]byte(`,"apiId":`), g.api.ID))
	variables, err := json.Marshal(g.api.StageVariables)
	if err != nil || g.api.StageVariables == nil {
		variables = []byte("{}")
	}
	g.variablesJSON = string(variables)
	return errors.Join(errs...)
}

func (g *Gateway) authorizerTimeout() time.Duration {
	if d := g.opts.AuthorizerTimeout; d > 0 && d < g.limits.IntegrationTimeout {
		return d
	}
	return g.limits.IntegrationTimeout
}

// Get tells about an open connection.
func (g *Gateway) Get(_ context.Context, id string) (Info, error) {
	c, err := g.find(id)
	if err != nil {
		return Info{}, err
	}
	info := Info{ConnectedAt: time.UnixMilli(c.peer.connectedAt), LastActiveAt: time.UnixMilli(c.lastIn.Load())}
	for key, value := range rawjson.Members([]byte(c.peer.identity)) {
		text := string(rawjson.AppendString(nil, value))
		if rawjson.Is(key, "sourceIp") {
			info.SourceIP = text
		} else {
			info.UserAgent = &text
		}
	}
	return info, nil
}

func (g *Gateway) find(id string) (*conn, error) {
	if !connid.WellFormed(id) {
		return nil, fmt.Errorf("connection %q: %w", id, ErrInvalidID)
	}
	c := g.table.get(id)
	if c == nil {
		return nil, fmt.Errorf("connection %s: %w", id, ErrGone)
	}
	return c, nil
}

// Close refuses new handshakes (503), closes all connections with 1001, runs
// their $disconnect, and waits for all its goroutines. When ctx ends first,
// invocations are cancelled and connections cut, and Close returns ctx's error
// once the goroutines that heed that are done. Later calls do nothing.
func (g *Gateway) Close(ctx context.Context) error {
	var err error
	g.closed.Do(func() { err = g.shutDown(ctx) })
	return err
}

func (g *Gateway) shutDown(ctx context.Context) error {
	g.closing.Store(true)
	for c := range g.table.all() {
		spawn(c.end(goingAway))
	}
	err := g.gate.Close(ctx)
	if err == nil {
		err = g.linger.wait(ctx)
	}
	g.cancel()
	if err != nil {
		g.cut()
	}
	g.opts.Client.CloseIdleConnections()
	close(g.stop)
	g.sweeper.Wait()
	g.polling.stop()
	return err
}

// cut ends what did not end in time: invocations are cancelled already.
func (g *Gateway) cut() {
	for _, c := range g.linger.overdue(time.Now().Add(g.limits.CloseTimeout + time.Hour)) {
		c.abort()
	}
	grace, cancel := context.WithTimeout(context.Background(), g.limits.CloseTimeout)
	defer cancel()
	if g.gate.Close(grace) != nil || g.linger.wait(grace) != nil {
		g.log.Error("gateway closed with work under way")
	}
}
