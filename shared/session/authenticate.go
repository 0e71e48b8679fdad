package session

import (
	"context"
	"time"
)

// Reader is what checking a credential needs of a store.
type Reader interface {
	Session(ctx context.Context, id string) (Session, error)
	TakeTicket(ctx context.Context, id string) (Ticket, error)
}

// Authenticate finds the session that a credential leads to at now. A ticket
// is used up by it. ErrNotFound says that the credential is worth nothing (any
// more); any other error that this could not be found out.
func Authenticate(ctx context.Context, store Reader, c Credential, now time.Time) (Session, error) {
	if c.Secret == "" {
		return Session{}, ErrNotFound
	}
	id := ID(c.Secret)
	if c.Source == FromTicket {
		ticket, err := store.TakeTicket(ctx, id)
		if err != nil {
			return Session{}, err
		}
		if !now.Before(ticket.Expires) {
			return Session{}, ErrNotFound
		}
		id = ticket.Session
	}
	return Active(ctx, store, id, now)
}

// Active reads a session of any kind that has not ended at now, by its public
// id.
func Active(ctx context.Context, store interface {
	Session(ctx context.Context, id string) (Session, error)
}, id string, now time.Time,
) (Session, error) {
	if Foreign(id) {
		return activeForeign(ctx, store, id, now)
	}
	s, err := store.Session(ctx, id)
	if err == nil && !now.Before(s.Expires) {
		return Session{}, ErrNotFound
	}
	return s, err
}

// IssueTicket makes a ticket for the session and returns its token.
func IssueTicket(ctx context.Context, store interface {
	PutTicket(context.Context, Ticket) error
}, s Session, now time.Time,
) (token string, t Ticket, err error) {
	token = NewToken()
	t = Ticket{ID: ID(token), Session: s.ID, Expires: now.Add(TicketTTL).Truncate(time.Second)}
	return token, t, store.PutTicket(ctx, t)
}
