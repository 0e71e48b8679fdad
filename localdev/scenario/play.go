package scenario

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// patience is how long one step may take.
const patience = 10 * time.Second

// Target is a running Bellhop.
type Target struct {
	// Socket is where browsers connect, such as ws://localhost:8000/ws/notifications/.
	Socket string
	// Invoke calls a function by its name.
	Invoke func(ctx context.Context, function string, payload []byte) ([]byte, error)
	// Origin is the page's; default http://localhost:8000.
	Origin string
	// Cookie is the name of the session cookie; default sessionid.
	Cookie string
	// Stack is the first part of the functions' names; default bellhop.
	Stack string
}

func (t Target) withDefaults() Target {
	set := func(field *string, otherwise string) {
		if *field == "" {
			*field = otherwise
		}
	}
	set(&t.Origin, "http://localhost:8000")
	set(&t.Cookie, "sessionid")
	set(&t.Stack, "bellhop")
	return t
}

// play is one run of a script.
type play struct {
	target   Target
	http     *http.Client
	devices  map[string]*device
	sessions map[string]created
	known    bindings
}

// created is what the sessions function answers.
type created struct {
	Token, Session string
	Expires        time.Time
}

// Run plays the script. The error is of its first step that did not come out as
// written, with file and line.
func (s *Script) Run(ctx context.Context, target Target) error {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	p := &play{
		target: target.withDefaults(), http: &http.Client{Transport: transport},
		devices: map[string]*device{}, sessions: map[string]created{}, known: bindings{},
	}
	defer p.close()
	for _, l := range s.steps {
		if err := p.step(ctx, l.step); err != nil {
			return fmt.Errorf("%s:%d: %s\n%w", s.File, l.number, l.text, err)
		}
	}
	return nil
}

func (p *play) step(ctx context.Context, s step) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.run(ctx, p)
}

func (p *play) close() {
	for _, d := range p.devices {
		d.drop()
	}
}

// device is a device that has connected.
func (p *play) device(who string) (*device, error) {
	if d := p.devices[who]; d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("%s is not connected", who)
}

// invoke calls a function of Bellhop's and reads its answer.
func (p *play) invoke(ctx context.Context, function string, request, answer any) error {
	payload, err := json.Marshal(request)
	if err != nil {
		return err
	}
	result, err := p.target.Invoke(ctx, p.target.Stack+"-"+function, payload)
	if err != nil {
		return fmt.Errorf("invoke %s: %w", function, err)
	}
	if err := json.Unmarshal(result, answer); err != nil {
		return fmt.Errorf("answer of %s: got %.200s: %w", function, result, err)
	}
	return nil
}

// session makes the session of this name, once, for so many seconds or an hour.
func (p *play) session(ctx context.Context, name string, ttl int) (created, error) {
	if s, ok := p.sessions[name]; ok {
		return s, nil
	}
	user, _, _ := strings.Cut(name, "/")
	var s created
	err := p.invoke(ctx, "sessions", map[string]any{"op": "create", "user": user, "ttl": cmp.Or(ttl, 3600)}, &s)
	if err == nil && s.Token == "" {
		err = errors.New("the sessions function gave no token")
	}
	p.sessions[name] = s
	return s, err
}
