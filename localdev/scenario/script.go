package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Script is a script that is right in form.
type Script struct {
	File string
	// Settings are parameters of the template that the target is to have.
	Settings map[string]string
	steps    []line
}

// line is one step and where it stands.
type line struct {
	number int
	text   string
	step   step
}

// ParseFile reads a script.
func ParseFile(path string) (*Script, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the script: %w", err)
	}
	return Parse(path, src)
}

// Parse reads the text of a script. All its faults are reported, each with file
// and line.
func Parse(file string, src []byte) (*Script, error) {
	s := &Script{File: file, Settings: map[string]string{}}
	var faults []error
	for i, text := range strings.Split(string(src), "\n") {
		text = strings.TrimSpace(text)
		if text == "" || text[0] == '#' {
			continue
		}
		if parameters, found := strings.CutPrefix(text, "settings "); found {
			if err := s.set(parameters); err != nil {
				faults = append(faults, fmt.Errorf("%s:%d: %w", file, i+1, err))
			}
			continue
		}
		step, err := parseLine(text)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %w", file, i+1, err))
			continue
		}
		s.steps = append(s.steps, line{i + 1, text, step})
	}
	if len(s.steps) == 0 && len(faults) == 0 {
		faults = append(faults, fmt.Errorf("%s: no line does anything", file))
	}
	return s, errors.Join(faults...)
}

func (s *Script) set(text string) error {
	bare, _ := comment(text)
	for _, w := range strings.Fields(bare) {
		name, value, found := strings.Cut(w, "=")
		if !found || name == "" {
			return fmt.Errorf("%q is no <parameter>=<value>", w)
		}
		s.Settings[name] = value
	}
	return nil
}

func parseLine(text string) (step, error) {
	who, rest := word(text)
	switch who {
	case "publish":
		return parsePublish(rest, false)
	case "withdraw":
		return parsePublish(rest, true)
	case "revoke":
		return parseRevoke(rest)
	case "renew":
		return parseRenew(rest)
	case "elapse":
		return parseElapse(rest)
	case "sweep":
		return sweep{}, onlyComment(rest)
	}
	verb, rest := word(rest)
	switch verb {
	case ">":
		v, err := onlyValue(rest)
		if err == nil && !v.sendable() {
			err = errors.New("… stands for nothing that can be sent")
		}
		return send{who, v}, err
	case ">>":
		if rest == "" {
			return nil, errors.New("the text to send is missing")
		}
		return sendText{who, rest}, nil
	case "repeat":
		return parseRepeat(who, rest)
	case "<":
		if bare, _ := comment(rest); bare == "nothing" {
			return expectNothing{who}, nil
		}
		v, err := onlyValue(rest)
		return expect{who, v}, err
	case "connect":
		return parseConnect(who, rest)
	case "drop":
		return drop{who}, onlyComment(rest)
	case "closed":
		return closed{who}, onlyComment(rest)
	case "":
		return nil, fmt.Errorf("what %s does is missing", who)
	}
	return nil, fmt.Errorf("%q is none of connect, >, >>, repeat, <, drop, closed", verb)
}

// word takes the first word of a text.
func word(text string) (first, rest string) {
	first, rest, _ = strings.Cut(strings.TrimSpace(text), " ")
	return first, strings.TrimSpace(rest)
}

// comment takes a trailing comment off. Expected is what follows its "→".
func comment(text string) (bare, expected string) {
	bare, note, _ := strings.Cut(text, "#")
	return strings.TrimSpace(bare), expectation(note)
}

func expectation(note string) string {
	_, expected, found := strings.Cut(strings.TrimPrefix(note, "#"), "→")
	if !found {
		return ""
	}
	return strings.Join(strings.Fields(expected), " ")
}

func onlyComment(text string) error {
	if bare, expected := comment(text); bare != "" || expected != "" {
		return fmt.Errorf("%q is more than is understood here", text)
	}
	return nil
}

// onlyValue reads a value that nothing but a comment follows.
func onlyValue(text string) (value, error) {
	v, rest, err := parseValue(text)
	if err != nil {
		return value{}, err
	}
	return v, onlyComment(rest)
}

func parseRepeat(who, text string) (step, error) {
	frame, rest, err := parseValue(text)
	if err != nil {
		return nil, err
	}
	if !frame.sendable() {
		return nil, errors.New("… stands for nothing that can be sent")
	}
	until, found := strings.CutPrefix(strings.TrimSpace(rest), "until ")
	if !found {
		return nil, errors.New("until <pattern> is missing")
	}
	pattern, err := onlyValue(until)
	return repeat{send{who, frame}, expect{who, pattern}}, err
}

func parseConnect(who, text string) (step, error) {
	bare, expected := comment(text)
	settings, err := parseSettings(bare, "session", "ttl", "origin")
	if err == nil && settings["session"] == "" {
		err = errors.New("session=<user> is missing")
	}
	ttl, errTTL := parseTTL(settings)
	return connect{who, settings["session"], ttl, settings["origin"], expected}, cmp.Or(err, errTTL)
}

func parsePublish(text string, withdraw bool) (step, error) {
	bare, document, found := strings.Cut(text, "{")
	if !found {
		return nil, errors.New("the notification is missing")
	}
	names := []string{"users", "store"}
	if withdraw {
		names = names[:1]
	}
	settings, err := parseSettings(bare, names...)
	if err != nil {
		return nil, err
	}
	if settings["users"] == "" {
		return nil, errors.New("users=<user>,… is missing")
	}
	if store := settings["store"]; store != "" && store != "true" && store != "false" {
		return nil, fmt.Errorf("store=%s is neither true nor false", store)
	}
	v, rest, err := parseValue("{" + document)
	if err != nil {
		return nil, err
	}
	if !v.sendable() {
		return nil, errors.New("… stands for nothing that can be sent")
	}
	over, expected := comment(rest)
	return publish{withdraw, strings.Split(settings["users"], ","), settings["store"] != "false", v, expected}, onlyComment(over)
}

func parseRevoke(text string) (step, error) {
	bare, expected := comment(text)
	settings, err := parseSettings(bare, "session", "user")
	if err == nil && len(settings) != 1 {
		err = errors.New("one of session=<user> and user=<user> is needed")
	}
	return revoke{settings["session"], settings["user"], expected}, err
}

// parseSettings reads name=value words.
func parseSettings(text string, names ...string) (map[string]string, error) {
	settings := map[string]string{}
	for _, w := range strings.Fields(text) {
		name, value, found := strings.Cut(w, "=")
		if !found || !slices.Contains(names, name) || value == "" {
			return nil, fmt.Errorf("%q is none of %s", w, strings.Join(names, "=…, ")+"=…")
		}
		settings[name] = value
	}
	return settings, nil
}
