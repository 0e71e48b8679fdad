package scenario

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// parseTTL reads ttl, in seconds; 0 if it is not there.
func parseTTL(settings map[string]string) (int, error) {
	text := settings["ttl"]
	if text == "" {
		return 0, nil
	}
	ttl, err := strconv.Atoi(text)
	if err != nil || ttl < 1 {
		return 0, fmt.Errorf("ttl=%s is not a number of seconds", text)
	}
	return ttl, nil
}

func parseRenew(text string) (step, error) {
	bare, expected := comment(text)
	settings, err := parseSettings(bare, "session", "ttl")
	if err == nil && len(settings) != 2 {
		err = errors.New("session=<user> and ttl=<seconds> are needed")
	}
	ttl, errTTL := parseTTL(settings)
	return renew{settings["session"], ttl, expected}, cmp.Or(err, errTTL)
}

func parseElapse(text string) (step, error) {
	settings, err := parseSettings(text, "session")
	if err == nil && settings["session"] == "" {
		err = errors.New("session=<user> is missing")
	}
	return elapse{settings["session"]}, err
}

// made is the session of a name that a step before has made.
func (p *play) made(name string) (created, error) {
	if s, ok := p.sessions[name]; ok {
		return s, nil
	}
	return created{}, fmt.Errorf("no session %s was made", name)
}

type renew struct {
	session  string
	ttl      int
	expected string
}

func (s renew) run(ctx context.Context, p *play) error {
	session, err := p.made(s.session)
	if err != nil {
		return err
	}
	var answer struct{ Error *failure }
	if err := p.invoke(ctx, "sessions", map[string]any{"op": "renew", "session": session.Session, "ttl": s.ttl}, &answer); err != nil {
		return err
	}
	got := "renewed"
	if answer.Error != nil {
		got = answer.Error.Code
	}
	if want := cmp.Or(s.expected, "renewed"); got != want {
		return fmt.Errorf("renew: got %s, want %s", got, want)
	}
	return nil
}

// elapse waits for a moment, not for something to happen: that the time of a
// session is over is what comes after it is about.
type elapse struct{ session string }

func (s elapse) run(ctx context.Context, p *play) error {
	session, err := p.made(s.session)
	if err != nil {
		return err
	}
	over := time.NewTimer(time.Until(session.Expires))
	defer over.Stop()
	select {
	case <-over.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the end of session %s, at %s: %w", s.session, session.Expires, ctx.Err())
	}
}

// sweep calls the function as its schedule does.
type sweep struct{}

func (sweep) run(ctx context.Context, p *play) error {
	return p.invoke(ctx, "sweep", map[string]string{"source": "aws.events", "detail-type": "Scheduled Event"}, new(any))
}
