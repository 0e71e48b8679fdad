package handler

import (
	"log/slog"
	"time"

	"bellhop/shared/config"
	"bellhop/shared/connections"
	"bellhop/shared/inbox"
	"bellhop/shared/limit"
	"bellhop/shared/push"
	"bellhop/shared/session"
	"bellhop/shared/session/django"
	"bellhop/shared/session/jwt"

	"github.com/oklog/ulid/v2"
)

// Deps is what the handlers of one process are made of.
type Deps struct {
	Config      config.Config
	Inbox       inbox.Table
	Connections connections.Store
	Schedule    connections.Schedule
	Sessions    session.Store
	Limits      limit.Store
	Gateway     push.Gateway
	Logger      *slog.Logger
	Region      string           // of the functions, for the management API's address
	Now         func() time.Time // default time.Now
	NewID       func() string    // of events; default a ULID
}

// With fills in the defaults.
func (d Deps) With() Deps {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.NewID == nil {
		d.NewID = func() string { return ulid.Make().String() }
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}

func (d Deps) devices() *push.Devices {
	return &push.Devices{Rows: d.Connections, Engine: &push.Engine{Gateway: d.Gateway}, Logger: d.Logger, Now: d.Now}
}

func (d Deps) throttle() Throttle {
	return Throttle{Limiter: &limit.Limiter{Rates: d.Config.Rates, Store: d.Limits, Now: d.Now}, Logger: d.Logger}
}

// gate takes the credentials that the configuration allows.
func (d Deps) gate() session.Gate {
	g := session.Gate{Reader: d.Sessions}
	if d.Config.JWT.Issuer != "" {
		g.Verifiers = append(g.Verifiers, jwt.New(d.Config.JWT, nil))
	}
	if d.Config.Django.SecretKey != "" {
		g.Verifiers = append(g.Verifiers, django.New(d.Config.Django))
	}
	return g
}

func (d Deps) sliding() *Sliding {
	return &Sliding{Lifetime: d.Config.Lifetime, Sessions: d.Sessions, Connections: d.Connections, Logger: d.Logger, Now: d.Now}
}

// NewAuthorize makes the handler of the authorizer function.
func NewAuthorize(d Deps) *Authorize {
	return &Authorize{Origins: d.Config.AllowedOrigins, CookieName: d.Config.SessionCookieName, Sessions: d.gate(), Sliding: d.sliding(), Logger: d.Logger, Now: d.Now}
}

// NewConnect makes the handler of the connect function.
func NewConnect(d Deps) *Connect {
	return &Connect{Connections: d.Connections, Region: d.Region, Logger: d.Logger, Now: d.Now}
}

// NewDisconnect makes the handler of the disconnect function.
func NewDisconnect(d Deps) *Disconnect {
	return &Disconnect{Connections: d.Connections, Logger: d.Logger}
}

// NewMessage makes the handler of the message function.
func NewMessage(d Deps, log *inbox.Log) *Message {
	return &Message{
		Inbox: log, Sessions: d.Sessions, Connections: d.Connections, MaxConnections: d.Config.MaxConnections, Throttle: d.throttle(),
		Sliding: d.sliding(), Devices: d.devices(), Region: d.Region, Logger: d.Logger, Now: d.Now,
	}
}

// NewPublish makes the handler of the publish function.
func NewPublish(d Deps, log *inbox.Log) *Publish {
	return &Publish{Inbox: log, Devices: d.devices(), Logger: d.Logger, Now: d.Now, NewID: d.NewID}
}

// NewSessions makes the handler of the sessions function.
func NewSessions(d Deps) *Sessions {
	return &Sessions{
		Store: d.Sessions, Connections: d.Connections, Devices: d.devices(), Lifetime: d.Config.Lifetime, Logger: d.Logger, Now: d.Now,
	}
}

// NewSweep makes the handler of the sweep function.
func NewSweep(d Deps) *Sweep {
	return &Sweep{
		Schedule: d.Schedule, Connections: d.Connections, Sessions: d.Sessions, Devices: d.devices(), Logger: d.Logger, Now: d.Now,
	}
}

// NewInbox makes the handler of the inbox function, the HTTP API.
func NewInbox(d Deps, log *inbox.Log) *Inbox {
	return &Inbox{
		Log: log, Origins: d.Config.AllowedOrigins, CookieName: d.Config.SessionCookieName,
		Sessions: d.gate(), Sliding: d.sliding(), Tickets: d.Sessions, Throttle: d.throttle(), Devices: d.devices(),
		Logger: d.Logger, Now: d.Now,
	}
}

// Log makes the users' logs, one for all handlers of a process, so that they
// take turns.
func (d Deps) Log() *inbox.Log {
	return inbox.New(d.Inbox, &inbox.Options{Retention: d.Config.Retention, Now: d.Now})
}
