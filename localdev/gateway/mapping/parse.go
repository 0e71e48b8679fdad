package mapping

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// directive matches the start of one: #set, #{else}, …
var directive = regexp.MustCompile(`^#\{?(set|if|elseif|else|end|foreach|stop|macro|define|break|include|parse|evaluate)\b\}?`)

// Parse reads a template; the error names what is not supported.
func Parse(s string) (*Template, error) {
	p := &parser{text: s}
	nodes, end, err := p.block()
	if err == nil && end != "" {
		err = fmt.Errorf("#%s without a beginning", end)
	}
	if err != nil {
		return nil, fmt.Errorf("template: %w, at %.30q", err, p.text[min(p.at, len(p.text)):])
	}
	return &Template{nodes}, nil
}

// parser reads text from position at.
type parser struct {
	text  string
	at    int
	depth int
}

var errDeep = errors.New("nested too deeply")

func (p *parser) rest() string { return p.text[p.at:] }

// block reads nodes up to the end or a directive that ends a block, and names it.
func (p *parser) block() (nodes []node, end string, err error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return nil, "", errDeep
	}
	for p.at < len(p.text) {
		n := strings.IndexAny(p.rest(), "$#")
		if n != 0 {
			if n < 0 {
				n = len(p.rest())
			}
			nodes = append(nodes, textNode(p.rest()[:n]))
			p.at += n
			continue
		}
		one, end, err := p.special()
		if err != nil || end != "" {
			return nodes, end, err
		}
		if one != nil {
			nodes = append(nodes, one)
		}
	}
	return nodes, "", nil
}

// special reads what starts with $ or #.
func (p *parser) special() (node, string, error) {
	rest := p.rest()
	switch {
	case strings.HasPrefix(rest, "##"):
		if n := strings.IndexByte(rest, '\n'); n >= 0 {
			p.at += n + 1
		} else {
			p.at = len(p.text)
		}
		return nil, "", nil
	case strings.HasPrefix(rest, "#*"):
		n := strings.Index(rest, "*#")
		if n < 0 {
			return nil, "", errors.New("#* without *#")
		}
		p.at += n + 2
		return nil, "", nil
	case rest[0] == '$':
		n, err := p.referenceNode()
		return n, "", err
	}
	if m := directive.FindStringSubmatch(rest); m != nil {
		return p.directive(m[1], len(m[0]))
	}
	p.at++
	return textNode("#"), "", nil
}

func (p *parser) directive(name string, length int) (node, string, error) {
	start := p.at
	p.at += length
	var n node
	var err error
	switch name {
	case "set":
		n, err = p.setDirective()
	case "if":
		n, err = p.ifDirective()
	case "foreach":
		n, err = p.foreachDirective()
	case "stop":
		n = stopNode{}
	case "else", "elseif", "end":
		return nil, name, nil
	default:
		p.at = start
		err = fmt.Errorf("directive #%s is not supported", name)
	}
	return n, "", err
}

func (p *parser) setDirective() (node, error) {
	if err := p.want("("); err != nil {
		return nil, err
	}
	name, err := p.plainReference()
	if err == nil {
		err = p.want("=")
	}
	if err != nil {
		return nil, err
	}
	value, err := p.expression()
	if err == nil {
		err = p.want(")")
	}
	p.skipLineEnd()
	return &setNode{name, value}, err
}

// skipLineEnd lets a directive that ends its line take the line's end along.
func (p *parser) skipLineEnd() {
	rest := strings.TrimLeft(p.rest(), " \t\r")
	if strings.HasPrefix(rest, "\n") {
		p.at = len(p.text) - len(rest) + 1
	}
}

func (p *parser) ifDirective() (node, error) {
	n := &ifNode{}
	for end := "elseif"; ; {
		var b branch
		var err error
		if end == "elseif" {
			b.condition, err = p.inParentheses()
		}
		if err != nil {
			return nil, err
		}
		p.skipLineEnd()
		was := end
		if b.body, end, err = p.block(); err != nil {
			return nil, err
		}
		n.branches = append(n.branches, b)
		switch {
		case end == "":
			return nil, errors.New("#if without #end")
		case end == "end":
			p.skipLineEnd()
			return n, nil
		case was == "else":
			return nil, fmt.Errorf("#%s after #else", end)
		}
	}
}

func (p *parser) foreachDirective() (node, error) {
	n := &foreachNode{}
	err := p.want("(")
	if err == nil {
		n.name, err = p.plainReference()
	}
	if err == nil {
		err = p.want("in")
	}
	if err == nil {
		n.list, err = p.expression()
	}
	if err == nil {
		err = p.want(")")
	}
	if err != nil {
		return nil, err
	}
	p.skipLineEnd()
	body, end, err := p.block()
	if err == nil && end != "end" {
		err = errors.New("#foreach without #end")
	}
	p.skipLineEnd()
	n.body = body
	return n, err
}

func (p *parser) inParentheses() (expr, error) {
	if err := p.want("("); err != nil {
		return nil, err
	}
	e, err := p.expression()
	if err == nil {
		err = p.want(")")
	}
	return e, err
}

func (p *parser) skipSpace() {
	p.at = len(p.text) - len(strings.TrimLeft(p.rest(), " \t\r\n"))
}

// take skips space and reads token, if it is next.
func (p *parser) take(token string) bool {
	p.skipSpace()
	if !strings.HasPrefix(p.rest(), token) {
		return false
	}
	p.at += len(token)
	return true
}

func (p *parser) want(token string) error {
	if !p.take(token) {
		return fmt.Errorf("want %q", token)
	}
	return nil
}
