package reader

import (
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// sub resolves Sub: a text, or a list of a text and a mapping of variables.
func (e *Evaluator) sub(c call, at Place) Value {
	source, variables, ok := subParts(c)
	if !ok {
		e.Add(at, c.line, "Sub wants a text, or a list of a text and a mapping")
		return brokenValue(c.line)
	}
	var b strings.Builder
	whole := true
	for _, piece := range e.pieces(source, c.line, at) {
		s, ok := e.substitute(piece, subScope{variables, c.line}, at)
		whole = whole && ok && e.charge(len(s))
		if !whole {
			continue
		}
		b.WriteString(s)
	}
	if !whole {
		return brokenValue(c.line)
	}
	return textValue(b.String(), c.line)
}

func subParts(c call) (source string, variables map[string]*Node, ok bool) {
	arg := follow(c.arg)
	if isScalar(arg) {
		return arg.Value, nil, true
	}
	if arg == nil || arg.Kind != yaml.SequenceNode || len(arg.Content) != 2 || !isScalar(arg.Content[0]) {
		return "", nil, false
	}
	variables = map[string]*Node{}
	for _, p := range Pairs(arg.Content[1]) {
		variables[p.Key] = p.Value
	}
	return Text(arg.Content[0]), variables, true
}

// piece is a part of a Sub text: literal text, or the name between ${ and }.
type piece struct {
	text     string
	variable bool
}

// pieces cuts a Sub text. ${!Name} is the literal ${Name}.
func (e *Evaluator) pieces(source string, line int, at Place) []piece {
	var all []piece
	for {
		before, rest, found := strings.Cut(source, "${")
		all = append(all, piece{text: before})
		if !found {
			return all
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			e.Add(at, line, "Sub: ${ without its }")
			return all
		}
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			all = append(all, piece{text: "${" + literal + "}"})
		} else {
			all = append(all, piece{text: strings.TrimSpace(name), variable: true})
		}
		source = after
	}
}

// subScope is what a Sub's names may stand for, beside what they always do.
type subScope struct {
	variables map[string]*Node
	line      int
}

// substitute gives the text that a piece stands for.
func (e *Evaluator) substitute(p piece, scope subScope, at Place) (string, bool) {
	if !p.variable {
		return p.text, true
	}
	if own := scope.variables[p.text]; own != nil {
		return e.text(own, at)
	}
	if v, ok := e.referable(p.text, at); ok {
		return e.AsText(v, at)
	}
	if id, attribute, ok := strings.Cut(p.text, "."); ok {
		return e.AsText(e.Attribute(id, attribute, scope.line, at), at)
	}
	return e.AsText(e.named(p.text, scope.line, at), at)
}
