package session

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Limits of what others vouch for.
const (
	MaxUser = 255 // bytes of a user's name
	MaxID   = 512 // bytes of a session's public id, of any kind
)

// The kinds of sessions that have no row. A stored session's id has no dot.
const (
	KindJWT    = "jwt"
	KindDjango = "django"
	kindUser   = "user" // the mark that ends all of a user's: never a session
)

// Vouched is what a verified token says.
type Vouched struct {
	User    string
	Signed  string // the part of the token that the signature covers
	Issued  time.Time
	Expires time.Time
}

// Verifier checks tokens that another party signed. It is safe for concurrent
// use and never logs a token.
type Verifier interface {
	// Kind is the prefix of the ids of its sessions: one of the kinds above.
	Kind() string
	// Recognises says by the form alone whether a token is for this verifier.
	Recognises(token string) bool
	// Verify checks a token at now. ErrNotFound says that it is worth nothing; any
	// other error that this could not be found out.
	Verify(ctx context.Context, token string, now time.Time) (Vouched, error)
}

// Gate takes credentials of every kind.
type Gate struct {
	Reader
	Verifiers []Verifier // none: the table alone
}

// Authenticate finds the session that a credential leads to at now, as the
// function Authenticate does; a token in the form of another party goes to its
// verifier and never to the table.
func (g Gate) Authenticate(ctx context.Context, c Credential, now time.Time) (Session, error) {
	if c.Source != FromTicket {
		for _, v := range g.Verifiers {
			if v.Recognises(c.Secret) {
				return g.verify(ctx, v, c.Secret, now)
			}
		}
	}
	return Authenticate(ctx, g.Reader, c, now)
}

func (g Gate) verify(ctx context.Context, v Verifier, token string, now time.Time) (Session, error) {
	vouched, err := v.Verify(ctx, token, now)
	if err != nil {
		return Session{}, err
	}
	if !validUser(vouched.User) {
		return Session{}, ErrNotFound
	}
	return Active(ctx, g.Reader, vouched.id(v.Kind()), now)
}

// validUser is what the other functions ask of a user's name, too.
func validUser(name string) bool {
	return name != "" && len(name) <= MaxUser && strings.IndexFunc(name, unicode.IsControl) < 0
}

// id is <kind>.<issued>.<expires>.<96 bits of the hash>.<user>. The hash leaves
// the signature out, which its holder may be able to write in another way. No
// session lasts beyond MaxTTL, so that the mark of a revocation outlives it.
func (v Vouched) id(kind string) string {
	expires := v.Expires
	if latest := v.Issued.Add(MaxTTL); expires.After(latest) {
		expires = latest
	}
	sum := sha256.Sum256([]byte(v.Signed))
	return strings.Join([]string{
		kind, strconv.FormatInt(v.Issued.Unix(), 10), strconv.FormatInt(expires.Unix(), 10),
		base64.RawURLEncoding.EncodeToString(sum[:12]), encodeUser(v.User),
	}, ".")
}

func encodeUser(user string) string { return base64.RawURLEncoding.EncodeToString([]byte(user)) }

// everyOf is the id of the mark that ends all sessions of a user without a row.
func everyOf(user string) string { return kindUser + "." + encodeUser(user) }

// Foreign says whether an id is that of a session that has no row, or of a mark.
// It is not to be written, extended or deleted as a row.
func Foreign(id string) bool { return strings.Contains(id, ".") }

// parseForeign reads a session from its id.
func parseForeign(id string) (Session, error) {
	parts := strings.Split(id, ".")
	if len(parts) != 5 || parts[0] != KindJWT && parts[0] != KindDjango {
		return Session{}, ErrNotFound
	}
	issued, errIssued := strconv.ParseInt(parts[1], 10, 64)
	expires, errExpires := strconv.ParseInt(parts[2], 10, 64)
	user, errUser := base64.RawURLEncoding.DecodeString(parts[4])
	if errors.Join(errIssued, errExpires, errUser) != nil || !validUser(string(user)) {
		return Session{}, ErrNotFound
	}
	return Session{ID: id, User: string(user), Created: time.Unix(issued, 0), Expires: time.Unix(expires, 0)}, nil
}

// activeForeign reads the two marks that can end a session without a row.
func activeForeign(ctx context.Context, store interface {
	Session(ctx context.Context, id string) (Session, error)
}, id string, now time.Time,
) (Session, error) {
	s, err := parseForeign(id)
	if err != nil || !now.Before(s.Expires) {
		return Session{}, ErrNotFound
	}
	for _, mark := range []string{id, everyOf(s.User)} {
		m, err := store.Session(ctx, mark)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return Session{}, err
		case !s.Created.After(m.Created):
			return Session{}, ErrNotFound
		}
	}
	return s, nil
}

// Marker is what ending sessions without a row needs of a store.
type Marker interface {
	PutSession(ctx context.Context, s Session) error
}

// RevokeForeign ends one session that has no row. False says that there is no
// such session, or none any more.
func RevokeForeign(ctx context.Context, store Marker, id string, now time.Time) (Session, bool, error) {
	s, err := parseForeign(id)
	if err != nil || !now.Before(s.Expires) {
		return Session{}, false, nil
	}
	mark := s
	mark.Created = latest(s.Created, now) // the mark holds whatever the issuer's clock said
	return s, true, store.PutSession(ctx, mark)
}

// RevokeEveryForeign ends all sessions of a user that have no row: what was
// issued up to now is refused from here on. EndedBefore says which they are.
func RevokeEveryForeign(ctx context.Context, store Marker, user string, now time.Time) error {
	now = now.Truncate(time.Second)
	return store.PutSession(ctx, Session{ID: everyOf(user), User: user, Created: now, Expires: now.Add(MaxTTL)})
}

// Rows leaves out the marks among the ids that a store lists.
func Rows(ids []string) []string { return slices.DeleteFunc(ids, Foreign) }

// EndedBefore says whether a session without a row was issued up to then.
func EndedBefore(id string, then time.Time) bool {
	s, err := parseForeign(id)
	return err == nil && !s.Created.After(then)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
