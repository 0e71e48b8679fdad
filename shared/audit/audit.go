// Package audit writes down what matters to security: who was let in, who was
// not and why, whose session ended, who was limited.
//
// An [Entry] is one line of the function's log, at level INFO, with the message
// [Message] and the keys below, those without a value left out. A LogLevel above
// INFO silences it.
//
// # Promises
//
// Events and reasons are a fixed vocabulary, to count and to alarm by. No entry
// has a place for a token, a ticket, a cookie or a body. What a client sent is in
// it as its address and as [Host] of its Origin, at most [MaxHost] bytes, which
// the log's handler escapes.
//
// Writing does not fail: a log that cannot be written holds nobody up.
//
// Read next: docs/audit.md has the table for operators, which a test holds
// against this package.
package audit

import (
	"context"
	"log/slog"
)

// Message is the message of every entry.
const Message = "audit"

// The keys of an entry.
const (
	KeyEvent      = "event"
	KeyReason     = "reason"
	KeyUser       = "user"
	KeySession    = "session"
	KeyConnection = "connection"
	KeySourceIP   = "source_ip"
	KeyOrigin     = "origin"
	KeyClosed     = "closed"
)

// Event is what happened.
type Event string

// The events.
const (
	Admitted Event = "admitted" // a handshake was let through
	Refused  Event = "refused"  // a handshake, a request or a frame was not
	Created  Event = "created"  // a session was
	Renewed  Event = "renewed"  // a session was extended by a backend
	Revoked  Event = "revoked"  // a session was ended
	Expired  Event = "expired"  // a connection was closed, as its session's time is over
	Limited  Event = "limited"  // a client went beyond a limit
)

// Reason is why, or by what.
type Reason string

// The reasons of Admitted: where the credential was. They are package session's
// sources.
const (
	ByHeader      Reason = "authorization"
	BySubprotocol Reason = "subprotocol"
	ByTicket      Reason = "ticket"
	ByCookie      Reason = "cookie"
)

// The reasons of Refused.
const (
	Origin       Reason = "origin"        // not in the allow-list
	NoCredential Reason = "no_credential" // none was shown
	NoSession    Reason = "no_session"    // the credential is worth nothing, or nothing any more
	SessionEnded Reason = "session_ended" // the connection's session did
)

// The reasons of Revoked: what named the session.
const (
	ByToken    Reason = "token"
	BySession  Reason = "session"
	ByUser     Reason = "user"
	RowDeleted Reason = "deleted" // its row was, not by Bellhop
)

// The reasons of Limited.
const (
	ConnectionRate Reason = "connection_rate" // one connection's frames came too fast
	UserRate       Reason = "user_rate"       // all of the user's frames and requests did
	Flood          Reason = "flood"           // they went on, and the connection was closed
	Connections    Reason = "connections"     // too many at the same time: it was closed
)

// Entry is what is known of an event; what is not stays empty.
type Entry struct {
	Reason     Reason
	User       string
	Session    string // its public id
	Connection string
	SourceIP   string
	Origin     string // by Host
	Closed     int    // connections
}

// Write writes an entry.
func Write(ctx context.Context, logger *slog.Logger, event Event, e Entry) {
	attrs := []slog.Attr{slog.String(KeyEvent, string(event))}
	for _, a := range []slog.Attr{
		slog.String(KeyReason, string(e.Reason)), slog.String(KeyUser, e.User), slog.String(KeySession, e.Session),
		slog.String(KeyConnection, e.Connection), slog.String(KeySourceIP, e.SourceIP), slog.String(KeyOrigin, e.Origin),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if e.Closed > 0 {
		attrs = append(attrs, slog.Int(KeyClosed, e.Closed))
	}
	logger.LogAttrs(ctx, slog.LevelInfo, Message, attrs...)
}
