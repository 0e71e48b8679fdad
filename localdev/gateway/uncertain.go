package gateway

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gobwas/ws"
)

// Uncertain settles what AWS does not document, or where reports differ. Zero
// fields take the default that is named first. UNCERTAIN.md, beside this file,
// tells what is known about each.
type Uncertain struct {
	// Signatures of @connections requests: looked for, ignored, or verified. With
	// AWS_IAM on $connect one is always looked for.
	Signatures Signatures
	// ControlPingResetsIdle lets a client's ping frames count as traffic for the
	// idle time-out. Default: only messages do.
	ControlPingResetsIdle bool
	// ReplaceTwoWayErrors sends "Internal server error" when a two-way route's
	// backend answers with a status other than 2xx. Default: its body.
	ReplaceTwoWayErrors bool
	// WholePushes sends a push as one frame. Default: in frames of Limits.Frame.
	WholePushes bool
	// ReservedKeysForbidden answers a message that names $connect or $disconnect
	// as its route with "Forbidden". Default: it goes to $default.
	ReservedKeysForbidden bool
	// GoneBody puts {"message":"Gone"} into a 410. Default: no body.
	GoneBody bool
	// ThrottledMessage is the message of the frame that a throttled message gets;
	// default "Too Many Requests".
	ThrottledMessage string
	// AuthorizerTimeout is at most Limits.IntegrationTimeout, the default.
	AuthorizerTimeout time.Duration
	// The statuses of a handshake whose $connect integration takes too long (504),
	// whose function cannot be invoked (500), and of a request that is none (426).
	TimeoutStatus, UnreachableStatus, PlainStatus int
	// PermissionsIgnored calls functions that nothing lets API Gateway invoke.
	// Default: they are not called, as on AWS.
	PermissionsIgnored bool
	// LostCode is the disconnectStatusCode of a TCP connection that ends without a
	// close frame; default 1006.
	LostCode ws.StatusCode
}

// Signatures is what becomes of signatures.
type Signatures int

// What becomes of signatures.
const (
	SignaturesPresent  Signatures = iota // one must be there, and is not verified
	SignaturesIgnored                    // unsigned requests are welcome
	SignaturesVerified                   // it must be right for one of Options.Credentials
)

func (u *Uncertain) setDefaults() {
	if u.ThrottledMessage == "" {
		u.ThrottledMessage = messageThrottled
	}
	orDefault(&u.TimeoutStatus, 504)
	orDefault(&u.UnreachableStatus, 500)
	orDefault(&u.PlainStatus, 426)
	if u.LostCode == 0 {
		u.LostCode = ws.StatusAbnormalClosure
	}
}

// Switch is one of the options that [Options.Set] knows by name.
type Switch struct {
	Name, Values string // Values: those there are, the default first
	set          func(o *Options, value string) error
}

// Switches lists the options that [Options.Set] knows, by name.
func Switches() []Switch {
	return []Switch{
		{"account-quotas", "off, on", onOff(func(o *Options) *bool { return &o.AccountQuotas })},
		{"api-keys", "any, or keys joined by commas", setAPIKeys},
		{"authorizer-timeout", "29s, or less", setAuthorizerTimeout},
		{"connect-timeout-status", "504, or 400 to 599", status(func(o *Options) *int { return &o.TimeoutStatus })},
		{"control-pings", "ignored, reset-idle", oneOf(func(o *Options) *bool { return &o.ControlPingResetsIdle }, "ignored", "reset-idle")},
		{"credentials", "local:local, or key:secret", setCredentials},
		{"gone-body", "empty, json", oneOf(func(o *Options) *bool { return &o.GoneBody }, "empty", "json")},
		{"lost-code", "1006, or 1000 to 4999", setLostCode},
		{"permissions", "required, ignored", oneOf(func(o *Options) *bool { return &o.PermissionsIgnored }, "required", "ignored")},
		{"plain-request-status", "426, or 400 to 599", status(func(o *Options) *int { return &o.PlainStatus })},
		{"push-frames", "fragmented, whole", oneOf(func(o *Options) *bool { return &o.WholePushes }, "fragmented", "whole")},
		{"reserved-keys", "default, forbidden", oneOf(func(o *Options) *bool { return &o.ReservedKeysForbidden }, "default", "forbidden")},
		{"signatures", "ignored, present, verified", setSignatures},
		{"throttled-message", "Too Many Requests, or any text", setThrottledMessage},
		{"two-way-errors", "body, replaced", oneOf(func(o *Options) *bool { return &o.ReplaceTwoWayErrors }, "body", "replaced")},
		{"unreachable-status", "500, or 400 to 599", status(func(o *Options) *int { return &o.UnreachableStatus })},
	}
}

// Set sets an option by its name and value, as a command line has them. The
// error names what there is.
func (o *Options) Set(name, value string) error {
	for _, s := range Switches() {
		if s.Name == name {
			if s.set(o, value) != nil {
				return fmt.Errorf("gateway option %s: want %s, got %q", name, s.Values, value)
			}
			return nil
		}
	}
	var names []string
	for _, s := range Switches() {
		names = append(names, s.Name)
	}
	return fmt.Errorf("no gateway option %q; there are %s", name, strings.Join(names, ", "))
}

var errValue = errors.New("value is not allowed")

func oneOf(field func(*Options) *bool, off, on string) func(*Options, string) error {
	return func(o *Options, value string) error {
		if value != off && value != on {
			return errValue
		}
		*field(o) = value == on
		return nil
	}
}

func onOff(field func(*Options) *bool) func(*Options, string) error {
	return oneOf(field, "off", "on")
}

func status(field func(*Options) *int) func(*Options, string) error {
	return func(o *Options, value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < 400 || n > 599 {
			return errValue
		}
		*field(o) = n
		return nil
	}
}

func setAPIKeys(o *Options, value string) error {
	o.APIKeys = nil
	if value == "any" {
		return nil
	}
	o.APIKeys = strings.Split(value, ",")
	if slices.Contains(o.APIKeys, "") {
		return errValue
	}
	return nil
}

func setAuthorizerTimeout(o *Options, value string) error {
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 || d > maxIntegration {
		return errValue
	}
	o.AuthorizerTimeout = d
	return nil
}

func setCredentials(o *Options, value string) error {
	key, secret, ok := strings.Cut(value, ":")
	if !ok || key == "" || secret == "" {
		return errValue
	}
	o.Credentials = map[string]string{key: secret}
	return nil
}

func setLostCode(o *Options, value string) error {
	n, err := strconv.ParseUint(value, 10, 16)
	if err != nil || n < 1000 || n > 4999 {
		return errValue
	}
	o.LostCode = ws.StatusCode(n)
	return nil
}

func setSignatures(o *Options, value string) error {
	at := slices.Index([]string{"present", "ignored", "verified"}, value)
	if at < 0 {
		return errValue
	}
	o.Signatures = Signatures(at)
	return nil
}

func setThrottledMessage(o *Options, value string) error {
	if value == "" || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) {
		return errValue
	}
	o.ThrottledMessage = value
	return nil
}
