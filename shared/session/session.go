// Package session is who a user is: a token that only the user's browser or
// app holds leads to a session, and the session to the user.
//
// Tokens have 256 random bits and are shown once. The store knows only their
// SHA-256, which is also the session's public id: it may be shown and logged,
// and nobody can get back to the token from it. Comparing happens by looking
// the hash up, so that no comparison's time depends on a secret.
//
// A ticket is a token for one handshake: it is worth 30 seconds and one use.
//
// # Tokens of others
//
// A token that another party signed (packages jwt and django) is a session
// without a row. Its public id says all that a later check needs, so that a
// socket, a ticket and a revocation name it as they name any other:
//
//	<kind>.<issued>.<expires>.<96 bits of the token's hash>.<user in base64url>
//
// where times are seconds since 1970. No client sends an id: it comes from the
// authorizer, from a ticket's row or from a backend, and opens nothing by
// itself. What such sessions have in the table is the other way round: a row
// says that one was revoked. The row is under its own id, or under
// user.<user in base64url> and then ends all that were issued up to its second
// of creation. [Active] reads both, strongly consistent, so that a revocation
// that raced a handshake wins at hello. A mark lasts as long as what it ends: no
// session lasts beyond [MaxTTL].
//
// Read next: credentials.go for where a request carries its token, foreign.go
// for tokens of others.
package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"
)

// Limits.
const (
	TicketTTL  = 30 * time.Second
	DefaultTTL = 14 * 24 * time.Hour  // as Django's SESSION_COOKIE_AGE
	MaxTTL     = 365 * 24 * time.Hour // of a session
	tokenBytes = 32
)

// ErrNotFound says that there is no such session, or none any more.
var ErrNotFound = errors.New("session not found")

// Session is one sign-in. Times are in whole seconds.
type Session struct {
	ID      string // SHA-256 of the token, base64url without padding: 43 characters
	User    string
	Created time.Time
	Expires time.Time // it is not found from here on
}

// Ticket stands for a session in one handshake.
type Ticket struct {
	ID      string // SHA-256 of the ticket's token
	Session string
	Expires time.Time
}

// Store keeps sessions and tickets. Its methods are safe for concurrent use;
// errors name the operation and the id, never a token.
type Store interface {
	// PutSession writes a session.
	PutSession(ctx context.Context, s Session) error
	// Session reads a session, strongly consistent. It is ErrNotFound if there
	// is none or it was revoked, whatever its Expires says otherwise.
	Session(ctx context.Context, id string) (Session, error)
	Endings
	// DeleteSession removes a session, revoked or not, and returns it;
	// ErrNotFound if there is none.
	DeleteSession(ctx context.Context, id string) (Session, error)
	// SessionsOfUser lists the ids of a user's sessions. It may miss one of the
	// last moments.
	SessionsOfUser(ctx context.Context, user string) ([]string, error)
	// PutTicket writes a ticket.
	PutTicket(ctx context.Context, t Ticket) error
	// TakeTicket removes a ticket and returns it, to one caller only; ErrNotFound
	// to every other.
	TakeTicket(ctx context.Context, id string) (Ticket, error)
}

// Endings move the end of a session: now, or to a later time.
type Endings interface {
	// RevokeSession makes a session one that nobody is signed in by, from its
	// return on, and returns it: the row stays, so that who was signed in is
	// known until all their sockets are closed. A session revoked before is
	// returned again; ErrNotFound if there is none.
	RevokeSession(ctx context.Context, id string) (Session, error)
	// ExtendSession moves a session's end to expires, never to an earlier one,
	// and returns the session as it is then; ErrNotFound if there is none or it
	// was revoked.
	ExtendSession(ctx context.Context, id string, expires time.Time) (Session, error)
}

// NewToken makes a token: 43 characters of base64url.
func NewToken() string {
	var b [tokenBytes]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// ID is the public id that belongs to a token.
func ID(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Create makes a session of ttl for the user and returns its token, which
// nobody can read again.
func Create(ctx context.Context, store interface {
	PutSession(context.Context, Session) error
}, s Session,
) (token string, created Session, err error) {
	token = NewToken()
	s.ID = ID(token)
	return token, s, store.PutSession(ctx, s)
}
