package mapping

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"bellhop/localdev/gateway/expression"
)

// operators by how tightly they bind, loosest first; the longer of two that
// begin alike first.
var operators = [][]string{{"||", "or "}, {"&&", "and "}, {"==", "!=", "eq ", "ne "}, {"<=", ">=", "<", ">", "lt ", "gt ", "le ", "ge "}, {"+", "-"}, {"*", "/", "%"}}

var words = map[string]string{"or ": "||", "and ": "&&", "eq ": "==", "ne ": "!=", "lt ": "<", "gt ": ">", "le ": "<=", "ge ": ">="}

func (p *parser) expression() (expr, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return nil, errDeep
	}
	return p.level(0)
}

func (p *parser) level(n int) (expr, error) {
	if n == len(operators) {
		return p.unary()
	}
	left, err := p.level(n + 1)
	for count := 0; err == nil; count++ {
		operator := p.operator(operators[n])
		if operator == "" {
			break
		}
		if count > maxDepth {
			return nil, errDeep // evaluation nests to the left
		}
		var right expr
		right, err = p.level(n + 1)
		left = &binary{operator, left, right}
	}
	return left, err
}

func (p *parser) operator(of []string) string {
	for _, operator := range of {
		if p.take(operator) {
			if symbol, ok := words[operator]; ok {
				return symbol
			}
			return operator
		}
	}
	return ""
}

func (p *parser) unary() (expr, error) {
	if p.take("!") || p.take("not ") {
		p.depth++
		defer func() { p.depth-- }()
		if p.depth > maxDepth {
			return nil, errDeep
		}
		of, err := p.unary()
		return not{of}, err
	}
	return p.operand()
}

var (
	number = regexp.MustCompile(`^-?\d{1,18}`)
	word   = regexp.MustCompile(`^(true|false|null)\b`)
	name   = regexp.MustCompile(`^[A-Za-z_][\w-]*`)
)

func (p *parser) operand() (expr, error) {
	p.skipSpace()
	rest := p.rest()
	switch {
	case rest == "":
		return nil, errors.New("want a value")
	case rest[0] == '$':
		ref, _, err := p.reference()
		if err == nil && ref == nil {
			err = errors.New("want a reference")
		}
		return ref, err
	case rest[0] == '(':
		return p.inParentheses()
	case rest[0] == '\'', rest[0] == '"':
		return p.quoted(rest[0])
	case rest[0] == '[':
		return p.list()
	}
	if text := number.FindString(rest); text != "" {
		p.at += len(text)
		n, err := strconv.ParseInt(text, 10, 64)
		return literal{n}, err
	}
	if text := word.FindString(rest); text != "" {
		p.at += len(text)
		return literal{fromJSON([]byte(text))}, nil
	}
	return nil, errors.New("want a value")
}

// quoted reads 'text' or "text with $references"; a doubled quote is one.
func (p *parser) quoted(mark byte) (expr, error) {
	var text strings.Builder
	for i := p.at + 1; i < len(p.text); i++ {
		if p.text[i] != mark {
			text.WriteByte(p.text[i])
			continue
		}
		if i+1 < len(p.text) && p.text[i+1] == mark {
			text.WriteByte(mark)
			i++
			continue
		}
		p.at = i + 1
		if mark == '\'' || !strings.ContainsAny(text.String(), "$#") {
			return literal{text.String()}, nil
		}
		inner := &parser{text: text.String(), depth: p.depth}
		nodes, end, err := inner.block()
		if err == nil && end != "" {
			err = fmt.Errorf("#%s within quotes", end)
		}
		return quoted(nodes), err
	}
	return nil, errors.New("a quote is not closed")
}

func (p *parser) list() (expr, error) {
	if err := p.want("["); err != nil {
		return nil, err
	}
	var all list
	for !p.take("]") {
		if len(all) > 0 {
			if err := p.want(","); err != nil {
				return nil, err
			}
		}
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		if len(all) == 0 && p.take("..") {
			to, err := p.expression()
			if err == nil {
				err = p.want("]")
			}
			return span{e, to}, err
		}
		all = append(all, e)
	}
	return all, nil
}

// plainReference reads $name or ${name}.
func (p *parser) plainReference() (string, error) {
	p.skipSpace()
	if !strings.HasPrefix(p.rest(), "$") {
		return "", errors.New("want the name of a variable")
	}
	ref, _, err := p.reference()
	if err == nil && (ref == nil || len(ref.steps) > 0 || reserved(ref.root)) {
		err = errors.New("want the name of a variable")
	}
	if err != nil {
		return "", err
	}
	return ref.root, nil
}

func reserved(root string) bool {
	return root == "context" || root == "stageVariables" || root == "input" || root == "util" || root == "foreach"
}

// referenceNode reads a reference amid text; a dollar that begins none is text.
func (p *parser) referenceNode() (node, error) {
	start := p.at
	ref, quiet, err := p.reference()
	if err != nil {
		p.at = start
		return nil, err
	}
	if ref == nil {
		p.at = start + 1
		return textNode("$"), nil
	}
	source := p.text[start:p.at]
	if quiet {
		source = ""
	}
	return &refNode{ref, source}, nil
}

// reference reads one, nil where none begins.
func (p *parser) reference() (ref *refExpr, quiet bool, err error) {
	start := p.at
	p.at++
	if quiet = strings.HasPrefix(p.rest(), "!"); quiet {
		p.at++
	}
	braces := strings.HasPrefix(p.rest(), "{")
	if braces {
		p.at++
	}
	root := name.FindString(p.rest())
	if root == "" {
		p.at = start
		return nil, false, nil
	}
	p.at += len(root)
	ref = &refExpr{root: root}
	if err := p.steps(ref); err != nil {
		return nil, false, err
	}
	if braces {
		if !strings.HasPrefix(p.rest(), "}") {
			return nil, false, errors.New("${ without }")
		}
		p.at++
	}
	return ref, quiet, ref.check()
}

// steps reads .name, .name(…) and […] as long as they follow.
func (p *parser) steps(ref *refExpr) error {
	for {
		switch rest := p.rest(); {
		case len(rest) > 1 && rest[0] == '.' && name.MatchString(rest[1:]):
			t := step{name: name.FindString(rest[1:])}
			p.at += 1 + len(t.name)
			if strings.HasPrefix(p.rest(), "(") {
				var err error
				if t.args, err = p.arguments(); err != nil {
					return err
				}
				t.call = true
			}
			ref.steps = append(ref.steps, t)
		case strings.HasPrefix(rest, "[") && ref.root != "input":
			p.at++
			index, err := p.expression()
			if err == nil {
				err = p.want("]")
			}
			if err != nil {
				return err
			}
			ref.steps = append(ref.steps, step{index: index})
		default:
			return nil
		}
	}
}

func (p *parser) arguments() (all []expr, err error) {
	if err := p.want("("); err != nil {
		return nil, err
	}
	for !p.take(")") {
		if len(all) > 0 {
			if err := p.want(","); err != nil {
				return nil, err
			}
		}
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// check refuses what the reference's root and methods do not have.
func (e *refExpr) check() error {
	from := 0
	switch e.root {
	case "input":
		from = 1
		if err := e.checkInput(); err != nil {
			return err
		}
	case "util":
		from = 1
		if len(e.steps) == 0 || utilities[e.steps[0].name] == nil || len(e.steps[0].args) != 1 {
			return fmt.Errorf("$util%s is not supported", e.first())
		}
	}
	for _, t := range e.steps[from:] {
		if n, known := methods[t.name]; t.call && (!known || n != len(t.args)) {
			return fmt.Errorf("method %s with %d arguments is not supported", t.name, len(t.args))
		}
	}
	return nil
}

func (e *refExpr) first() string {
	if len(e.steps) == 0 {
		return ""
	}
	return "." + e.steps[0].name
}

func (e *refExpr) checkInput() error {
	if len(e.steps) == 0 {
		return errors.New("$input is not supported")
	}
	first := &e.steps[0]
	switch {
	case first.name == "body" && !first.call:
		return nil
	case (first.name == "json" || first.name == "path" || first.name == "params") && len(first.args) == 1:
	default:
		return fmt.Errorf("$input%s with %d arguments is not supported", e.first(), len(first.args))
	}
	constant, ok := first.args[0].(literal)
	if !ok || first.name == "params" {
		return nil
	}
	text := textOf(constant.value)
	rest, ok := strings.CutPrefix(text, "$")
	path, err := expression.ParsePath(rest)
	if !ok || err != nil {
		return fmt.Errorf("$input.%s of %q is not supported", first.name, text)
	}
	first.path = append(expression.Path{}, path...)
	return nil
}
