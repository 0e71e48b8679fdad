package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// step is what one line does.
type step interface {
	run(ctx context.Context, p *play) error
}

type connect struct {
	who, session     string
	ttl              int // seconds; 0: the player's own
	origin, expected string
}

func (s connect) run(ctx context.Context, p *play) error {
	if d := p.devices[s.who]; d != nil {
		return fmt.Errorf("%s is connected already", s.who)
	}
	session, err := p.session(ctx, s.session, s.ttl)
	if err != nil {
		return err
	}
	origin := s.origin
	if origin == "" {
		origin = p.target.Origin
	}
	d, status, err := dial(ctx, p.http, p.target.Socket, http.Header{
		"Origin": {origin}, "Cookie": {p.target.Cookie + "=" + session.Token},
	})
	if d != nil {
		p.devices[s.who] = d
	}
	want := s.expected
	if want == "" {
		want = strconv.Itoa(http.StatusSwitchingProtocols)
	}
	if got := strconv.Itoa(status); got != want {
		return fmt.Errorf("status of the handshake: got %s, want %s (%v)", got, want, err)
	}
	return nil
}

type send struct {
	who   string
	frame value
}

func (s send) run(ctx context.Context, p *play) error {
	var b bytes.Buffer
	if err := s.frame.render(&b, p.known); err != nil {
		return err
	}
	return sendText{s.who, b.String()}.run(ctx, p)
}

type sendText struct{ who, text string }

func (s sendText) run(ctx context.Context, p *play) error {
	d, err := p.device(s.who)
	if err != nil {
		return err
	}
	return d.send(ctx, s.text)
}

type expect struct {
	who     string
	pattern value
}

func (s expect) run(ctx context.Context, p *play) error {
	d, err := p.device(s.who)
	if err != nil {
		return err
	}
	frame, err := d.receive(ctx)
	if err != nil {
		return err
	}
	got, err := decode(frame)
	if err == nil {
		err = s.pattern.match(got, p.known)
	}
	if err != nil {
		return mismatch{fmt.Errorf("%w\nframe: %s", err, frame)}
	}
	return nil
}

// repeat sends until the answer is the one expected.
type repeat struct {
	send  send
	until expect
}

func (s repeat) run(ctx context.Context, p *play) error {
	for {
		if err := s.send.run(ctx, p); err != nil {
			return err
		}
		err := s.until.run(ctx, p)
		if !errors.As(err, new(mismatch)) {
			return err
		}
	}
}

// mismatch says that a frame is another one than expected.
type mismatch struct{ error }

func (m mismatch) Unwrap() error { return m.error }

type expectNothing struct{ who string }

// The pong comes after all that was sent before it.
func (s expectNothing) run(ctx context.Context, p *play) error {
	if err := (sendText{s.who, `{"type":"ping"}`}).run(ctx, p); err != nil {
		return err
	}
	pong := value{kind: object, members: []member{{"type", value{literal: "pong"}}}, open: true}
	if err := (expect{s.who, pong}).run(ctx, p); err != nil {
		return fmt.Errorf("nothing was to come: %w", err)
	}
	return nil
}

type drop struct{ who string }

func (s drop) run(_ context.Context, p *play) error {
	d, err := p.device(s.who)
	if err != nil {
		return err
	}
	delete(p.devices, s.who)
	return d.leave()
}

type closed struct{ who string }

func (s closed) run(ctx context.Context, p *play) error {
	d, err := p.device(s.who)
	if err != nil {
		return err
	}
	frame, err := d.receive(ctx)
	if err == nil {
		return fmt.Errorf("the end of the socket: got the frame %s", frame)
	}
	if !isClosed(err) {
		return err
	}
	delete(p.devices, s.who)
	d.drop()
	return nil
}

// publish sends a notification, or takes one back.
type publish struct {
	withdraw bool
	users    []string
	store    bool
	document value // the notification; of a withdrawal its source and id
	expected string
}

type published struct {
	Results []struct {
		Outcome   string
		Reached   int
		Duplicate bool
		Error     *failure
	}
	Error *failure
}

type failure struct{ Code, Message string }

func (s publish) run(ctx context.Context, p *play) error {
	request, err := s.request(p)
	if err != nil {
		return err
	}
	var answer published
	if err := p.invoke(ctx, "publish", request, &answer); err != nil {
		return err
	}
	got, failed := answer.summary()
	if s.expected == "" && failed != nil {
		return fmt.Errorf("publish: got %s: %s", got, failed.Message)
	}
	if s.expected != "" && got != s.expected {
		return fmt.Errorf("publish: got %q, want %q", got, s.expected)
	}
	return nil
}

func (s publish) request(p *play) (map[string]any, error) {
	var b bytes.Buffer
	if err := s.document.render(&b, p.known); err != nil {
		return nil, err
	}
	if !s.withdraw {
		return map[string]any{"users": s.users, "store": s.store, "notification": json.RawMessage(b.Bytes())}, nil
	}
	request := map[string]any{}
	if err := json.Unmarshal(b.Bytes(), &request); err != nil {
		return nil, err
	}
	request["op"], request["users"] = "withdraw", s.users
	return request, nil
}

// summary is the answer in a script's words, and its first failure.
func (a published) summary() (string, *failure) {
	if a.Error != nil {
		return "refused " + a.Error.Code, a.Error
	}
	var failed *failure
	users := make([]string, 0, len(a.Results))
	for _, r := range a.Results {
		words := []string{r.Outcome}
		if r.Reached > 0 {
			words = append(words, strconv.Itoa(r.Reached))
		}
		if r.Duplicate {
			words = append(words, "duplicate")
		}
		if r.Error != nil {
			words = append(words, r.Error.Code)
			failed = r.Error
		}
		users = append(users, strings.Join(words, " "))
	}
	return strings.Join(users, ", "), failed
}

type revoke struct{ session, user, expected string }

func (s revoke) run(ctx context.Context, p *play) error {
	request := map[string]any{"op": "revoke", "user": s.user}
	if s.session != "" {
		session, err := p.made(s.session)
		if err != nil {
			return err
		}
		request = map[string]any{"op": "revoke", "session": session.Session}
	}
	var answer struct {
		Revoked *int
		Error   *failure
	}
	if err := p.invoke(ctx, "sessions", request, &answer); err != nil {
		return err
	}
	if answer.Revoked == nil {
		return errors.New("revoke: the function gave no number")
	}
	if got := strconv.Itoa(*answer.Revoked); s.expected != "" && got != s.expected {
		return fmt.Errorf("sessions revoked: got %s, want %s", got, s.expected)
	}
	return nil
}
