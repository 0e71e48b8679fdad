package scenario

import (
	"encoding/json"
	"fmt"
	"strings"
)

// maxDepth is how deep values may nest.
const maxDepth = 64

// parser reads one value from the start of a text.
type parser struct {
	text  string
	at    int
	depth int
}

// parseValue reads a value and returns what follows it.
func parseValue(text string) (v value, rest string, err error) {
	p := parser{text: text}
	if v, err = p.value(); err != nil {
		return value{}, "", fmt.Errorf("column %d of the value: %w", p.at+1, err)
	}
	return v, p.text[p.at:], nil
}

func (p *parser) value() (value, error) {
	if p.depth++; p.depth > maxDepth {
		return value{}, fmt.Errorf("more than %d levels", maxDepth)
	}
	defer func() { p.depth-- }()
	switch c := p.peek(); {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		s, err := p.string()
		return value{literal: s}, err
	case c == '$':
		return p.variable()
	case p.ellipsis():
		return value{kind: anything}, nil
	case c == 0:
		return value{}, fmt.Errorf("a value is missing")
	}
	return p.word()
}

// peek skips spaces and returns the byte that follows, 0 at the end.
func (p *parser) peek() byte {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// ellipsis takes … or its three dots.
func (p *parser) ellipsis() bool {
	p.peek()
	for _, dots := range []string{"…", "..."} {
		if strings.HasPrefix(p.text[p.at:], dots) {
			p.at += len(dots)
			return true
		}
	}
	return false
}

func (p *parser) object() (value, error) {
	v := value{kind: object}
	seen := map[string]bool{}
	open, err := p.each('}', func() error {
		if p.peek() != '"' {
			return fmt.Errorf("a name in double quotes is missing")
		}
		name, err := p.string()
		if err != nil {
			return err
		}
		if seen[name] {
			return fmt.Errorf("%q stands there twice", name)
		}
		seen[name] = true
		if p.peek() != ':' {
			return fmt.Errorf("the colon after %q is missing", name)
		}
		p.at++
		field, err := p.value()
		v.members = append(v.members, member{name, field})
		return err
	})
	v.open = open
	return v, err
}

func (p *parser) array() (value, error) {
	v := value{kind: array}
	open, err := p.each(']', func() error {
		item, err := p.value()
		v.items = append(v.items, item)
		return err
	})
	v.open = open
	return v, err
}

// each reads what stands between brackets, separated by commas. True says that
// … was the last.
func (p *parser) each(end byte, read func() error) (open bool, err error) {
	p.at++
	if p.peek() == end {
		p.at++
		return false, nil
	}
	for {
		if open = p.ellipsis(); !open {
			if err := read(); err != nil {
				return false, err
			}
		}
		switch c := p.peek(); {
		case c == end:
			p.at++
			return open, nil
		case open:
			return false, fmt.Errorf("… must be the last before %c", end)
		case c != ',':
			return false, fmt.Errorf("a comma or %c is missing", end)
		}
		p.at++
	}
}

// string reads a JSON string.
func (p *parser) string() (string, error) {
	for i := p.at + 1; i < len(p.text); i++ {
		switch p.text[i] {
		case '\\':
			i++
		case '"':
			var s string
			if err := json.Unmarshal([]byte(p.text[p.at:i+1]), &s); err != nil {
				return "", fmt.Errorf("a faulty string: %w", err)
			}
			p.at = i + 1
			return s, nil
		}
	}
	return "", fmt.Errorf("a string has no end")
}

func (p *parser) variable() (value, error) {
	start := p.at + 1
	for p.at++; p.at < len(p.text) && isName(p.text[p.at]); p.at++ {
	}
	if p.at == start {
		return value{}, fmt.Errorf("a name is missing after $")
	}
	return value{kind: variable, name: p.text[start:p.at]}, nil
}

func isName(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// word reads a number, true, false or null.
func (p *parser) word() (value, error) {
	end := p.at
	for end < len(p.text) && (isName(p.text[end]) || p.text[end] == '.' || p.text[end] == '+') {
		end++
	}
	v, err := decode([]byte(p.text[p.at:end]))
	if err != nil || end == p.at {
		return value{}, fmt.Errorf("neither JSON, nor $name, nor …")
	}
	p.at = end
	return value{literal: v}, nil
}
