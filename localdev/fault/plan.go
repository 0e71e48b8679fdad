package fault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Plan is the faults to plant; the zero value plants none. Its JSON form is that
// of the --faults flag and of PUT /_faults.
type Plan struct {
	// Seed makes decisions repeatable; 0: a random one.
	Seed uint64 `json:"seed,omitempty"`

	PushDrop  float64  `json:"push_drop,omitempty"`  // share of pushes answered with 200 and never sent
	Push429   float64  `json:"push_429,omitempty"`   // share refused with 429
	Push500   float64  `json:"push_500,omitempty"`   // share refused with 500
	PushDelay Duration `json:"push_delay,omitempty"` // each waits a random part of it: "50ms"

	// Vanish is the share of pushes at which the client vanishes: no byte comes or
	// goes any more, pushes to it are answered with 200, and only the idle
	// time-out ends its connection.
	Vanish float64 `json:"vanish,omitempty"`
	// LoseDisconnect is the share of ended connections that $disconnect does not
	// hear of.
	LoseDisconnect float64 `json:"lose_disconnect,omitempty"`
	// ConnectRate is how many handshakes a second go through, the others get 429;
	// 0: all. AWS's quota is 500.
	ConnectRate float64 `json:"connect_rate,omitempty"`

	FunctionCrash float64  `json:"function_crash,omitempty"` // share of invocations that fail, half of them with their work done
	FunctionDelay Duration `json:"function_delay,omitempty"` // each waits a random part of it before it begins
	// Functions names those that the two above are about, by FunctionName or
	// logical id; none: all.
	Functions []string `json:"functions,omitempty"`
}

// maxDelay bounds delays, so that a slip of the pen does not hang a service.
const maxDelay = time.Minute

// Parse reads a plan. A member that a plan does not have is an error.
func Parse(text []byte) (Plan, error) {
	var p Plan
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Plan{}, fmt.Errorf("plan of faults: %w", err)
	}
	if d.More() {
		return Plan{}, errors.New("plan of faults: more than one JSON document")
	}
	return p, p.validate()
}

func (p *Plan) validate() error {
	var errs []error
	for _, s := range []struct {
		name  string
		share float64
	}{
		{"push_drop", p.PushDrop},
		{"push_429", p.Push429},
		{"push_500", p.Push500},
		{"vanish", p.Vanish},
		{"lose_disconnect", p.LoseDisconnect},
		{"function_crash", p.FunctionCrash},
	} {
		if !(s.share >= 0 && s.share <= 1) {
			errs = append(errs, fmt.Errorf("%s is a share from 0 to 1, got %v", s.name, s.share))
		}
	}
	if p.PushDelay < 0 || time.Duration(p.PushDelay) > maxDelay || p.FunctionDelay < 0 || time.Duration(p.FunctionDelay) > maxDelay {
		errs = append(errs, fmt.Errorf("push_delay and function_delay are from 0 to %v", maxDelay))
	}
	if p.ConnectRate < 0 || p.ConnectRate > 1e6 {
		errs = append(errs, errors.New("connect_rate is handshakes a second, from 0 to 1,000,000"))
	}
	return errors.Join(errs...)
}

// idle reports whether the plan plants nothing.
func (p *Plan) idle() bool {
	return p.PushDrop+p.Push429+p.Push500+p.Vanish+p.LoseDisconnect+p.FunctionCrash+p.ConnectRate == 0 &&
		p.PushDelay == 0 && p.FunctionDelay == 0
}

func (p *Plan) concerns(function string) bool {
	return len(p.Functions) == 0 || slices.Contains(p.Functions, function)
}

// Duration is a time.Duration in its text form: "50ms".
type Duration time.Duration

// MarshalText writes it as time.Duration's String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}
