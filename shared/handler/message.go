package handler

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"bellhop/shared/audit"
	"bellhop/shared/connections"
	"bellhop/shared/inbox"
	"bellhop/shared/protocol"
	"bellhop/shared/push"
	"bellhop/shared/session"

	"github.com/aws/aws-lambda-go/events"
)

// Message serves the frames of clients: hello, mark, list, ack, and an error
// frame for anything else. Frames of one connection may be handled at the same
// time.
type Message struct {
	Inbox    *inbox.Log
	Sessions interface {
		Session(ctx context.Context, id string) (session.Session, error)
	}
	Connections interface {
		Put(ctx context.Context, c connections.Connection) error
		SetEnds(ctx context.Context, c connections.Connection, ends time.Time) error
		OfUser(ctx context.Context, user string, now time.Time) ([]connections.Connection, error)
	}
	MaxConnections int // of a user; 0: no limit
	Throttle       Throttle
	Sliding        *Sliding
	Devices        *push.Devices
	Region         string
	Logger         *slog.Logger
	Now            func() time.Time
}

// Handle answers with one frame as the body, or none for ack. Its errors are
// frames, too.
func (h *Message) Handle(ctx context.Context, e SocketEvent) (events.APIGatewayProxyResponse, error) {
	p := peerOf(e, h.Region)
	frame, id, err := protocol.DecodeClient([]byte(e.Body))
	answer, err := h.answer(ctx, p, frame, err)
	if dismissed := (*dismissal)(nil); errors.As(err, &dismissed) {
		answer, err = h.dismiss(ctx, p, &dismissed.advice)
	}
	if err != nil {
		answer = &protocol.ErrorFrame{ID: id, Error: clientError(ctx, h.Logger, err)}
	}
	response := events.APIGatewayProxyResponse{StatusCode: http.StatusOK}
	if answer != nil {
		response.Body = string(protocol.Encode(answer))
	}
	return response, nil
}

// answer counts the frame, also one that is wrong in form, and serves it. A hello
// is counted beside what else it does.
func (h *Message) answer(ctx context.Context, p peer, frame protocol.ClientFrame, faults error) (any, error) {
	if _, hello := frame.(*protocol.Hello); !hello && p.user != "" {
		if err := h.Throttle.admit(ctx, p.user, p.connection); err != nil {
			return nil, err
		}
	}
	if faults != nil {
		return nil, faults
	}
	if err := h.signedIn(ctx, p, frame); err != nil {
		return nil, err
	}
	return h.serve(ctx, p, frame)
}

// signedIn is ErrNotFound if the peer's session has ended. The end that was
// known at the handshake may have moved: past it, and where the frame may move
// it, the session is read.
func (h *Message) signedIn(ctx context.Context, p peer, frame protocol.ClientFrame) error {
	slides := extends(frame) && !session.Foreign(p.session) && h.Sliding.Lifetime.Slides(p.expires, h.Now())
	if p.user != "" && h.Now().Before(p.expires) && !slides {
		return nil
	}
	s, err := session.Session{}, session.ErrNotFound
	if p.user != "" {
		s, err = session.Active(ctx, h.Sessions, p.session, h.Now())
	}
	if err == nil && slides {
		_, err = h.Sliding.extend(ctx, s)
	}
	if errors.Is(err, session.ErrNotFound) {
		audit.Write(ctx, h.Logger, audit.Refused, p.entry(audit.SessionEnded))
	}
	return err
}

// extends says whether a frame is something that the user does. Hello is, too:
// it reads the session in any case, and extends it there.
func extends(frame protocol.ClientFrame) bool {
	switch frame.(type) {
	case *protocol.Mark, *protocol.List:
		return true
	}
	return false
}

func (h *Message) serve(ctx context.Context, p peer, frame protocol.ClientFrame) (any, error) {
	switch f := frame.(type) {
	case *protocol.Hello:
		return h.hello(ctx, p, f)
	case *protocol.Mark:
		return h.mark(ctx, p, f)
	case *protocol.List:
		page, err := h.Inbox.List(ctx, p.user, *f)
		if err != nil {
			return nil, err
		}
		return &protocol.Page{ID: f.ID, Items: page.Items, More: page.More}, nil
	case *protocol.Ack:
		h.Logger.DebugContext(ctx, "acknowledged", "user", p.user, "connection", p.connection, "offset", f.Offset)
		return nil, nil
	case *protocol.Ping:
		return &protocol.Pong{}, nil
	}
	return nil, protocol.NewError(protocol.UnknownType, "no frame of this type is known here")
}

func (h *Message) mark(ctx context.Context, p peer, m *protocol.Mark) (any, error) {
	done, err := markAndTell(ctx, marking{h.Inbox, h.Devices, h.Logger, p.user, p.connection}, *m)
	if err != nil {
		return nil, err
	}
	done.ID = m.ID
	return done, nil
}
