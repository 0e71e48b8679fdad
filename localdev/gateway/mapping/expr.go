package mapping

import (
	"strings"

	"bellhop/localdev/gateway/expression"
)

// expr is an expression of a directive or an argument.
type expr interface{ eval(s *state) any }

type literal struct{ value any }

func (e literal) eval(*state) any { return e.value }

// quoted is "text with $references".
type quoted []node

func (e quoted) eval(s *state) any {
	inner := *s
	inner.out = nil
	inner.render(e)
	s.steps, s.stopped = inner.steps, inner.stopped
	return string(inner.out)
}

type list []expr

func (e list) eval(s *state) any {
	all := make([]any, len(e))
	for i := range e {
		all[i] = e[i].eval(s)
	}
	return all
}

// span is [from..to], both ends included, forwards or backwards.
type span struct{ from, to expr }

func (e span) eval(s *state) any {
	from, ok1 := e.from.eval(s).(int64)
	to, ok2 := e.to.eval(s).(int64)
	if !ok1 || !ok2 {
		return nil
	}
	by := int64(1)
	if to < from {
		by = -1
	}
	var all []any
	for n := from; len(all) < maxRounds; n += by {
		if all = append(all, n); n == to {
			break
		}
	}
	return all
}

type not struct{ of expr }

func (e not) eval(s *state) any { return !truth(e.of.eval(s)) }

type binary struct {
	operator    string
	left, right expr
}

func (e *binary) eval(s *state) any {
	if !s.step() {
		return nil
	}
	left := e.left.eval(s)
	switch e.operator {
	case "&&":
		return truth(left) && truth(e.right.eval(s))
	case "||":
		return truth(left) || truth(e.right.eval(s))
	}
	return operate(e.operator, left, e.right.eval(s))
}

func operate(operator string, left, right any) any {
	a, ok1 := left.(int64)
	b, ok2 := right.(int64)
	numbers := ok1 && ok2
	switch {
	case operator == "==":
		return equal(left, right)
	case operator == "!=":
		return !equal(left, right)
	case operator == "+" && !numbers:
		return add(left, right)
	case numbers:
		return calculate(operator, a, b)
	}
	return compare(operator, left, right)
}

// equal compares values as text where their types differ, as Velocity does.
func equal(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return textOf(a) == textOf(b)
}

// maxText bounds what + makes of texts, in bytes: a template that doubles one in a loop
// must not take all memory.
const maxText = 1 << 20

func add(left, right any) any {
	if sum := textOf(left) + textOf(right); len(sum) <= maxText {
		return sum
	}
	return nil
}

func calculate(operator string, a, b int64) any {
	switch operator {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "<":
		return a < b
	case ">":
		return a > b
	case "<=":
		return a <= b
	case ">=":
		return a >= b
	}
	if b == 0 {
		return nil
	}
	if operator == "/" {
		return a / b
	}
	return a % b
}

// compare compares texts.
func compare(operator string, left, right any) any {
	a, ok1 := left.(string)
	b, ok2 := right.(string)
	if !ok1 || !ok2 {
		return nil
	}
	switch operator {
	case "<":
		return a < b
	case ">":
		return a > b
	case "<=":
		return a <= b
	case ">=":
		return a >= b
	}
	return nil
}

// refExpr is a reference: a root, and what is taken of it step by step.
type refExpr struct {
	root  string
	steps []step
}

// step is .name, .name(arguments) or [index].
type step struct {
	name  string
	call  bool
	args  []expr
	index expr
	path  expression.Path // of $input.json and $input.path with a literal argument
}

// unset reports whether nothing of that name was ever set.
func (e *refExpr) unset(s *state) bool {
	switch e.root {
	case "context", "stageVariables", "input", "util":
		return false
	}
	_, ok := s.set[e.root]
	return !ok
}

func (e *refExpr) eval(s *state) any {
	if !s.step() {
		return nil
	}
	switch e.root {
	case "context", "stageVariables":
		return e.variable(s)
	case "input":
		return follow(s, e.input(s), e.steps[1:])
	case "util":
		return follow(s, utilities[e.steps[0].name](e.steps[0].args[0].eval(s)), e.steps[1:])
	}
	return follow(s, s.set[e.root], e.steps)
}

// variable takes the leading names as the variable's, the rest as steps.
func (e *refExpr) variable(s *state) any {
	name, n := e.root, 0
	for n < len(e.steps) && !e.steps[n].call {
		part := e.steps[n].name
		if e.steps[n].index != nil {
			part = textOf(e.steps[n].index.eval(s))
		}
		name += "." + part
		n++
	}
	return follow(s, s.vars(name), e.steps[n:])
}

func (e *refExpr) input(s *state) any {
	switch first := &e.steps[0]; first.name {
	case "body":
		return string(s.message)
	case "json":
		return string(first.pathOf(s).Find(s.document()))
	case "path":
		return fromJSON(first.pathOf(s).Find(s.document()))
	default: // params
		name := textOf(first.args[0].eval(s))
		if value := s.vars("route.request.querystring." + name); value != "" {
			return value
		}
		return s.vars("route.request.header." + name)
	}
}

// nowhere is the path of an argument that is none.
var nowhere = expression.Path{}

func (t *step) pathOf(s *state) expression.Path {
	if t.path != nil {
		return t.path
	}
	rest, _ := strings.CutPrefix(textOf(t.args[0].eval(s)), "$")
	if path, err := expression.ParsePath(rest); err == nil {
		return path
	}
	return nowhere
}

func follow(s *state, v any, steps []step) any {
	for i := range steps {
		switch t := &steps[i]; {
		case t.index != nil:
			v = at(v, t.index.eval(s))
		case t.call:
			v = call(s, v, t)
		default:
			v = property(v, t.name)
		}
	}
	return v
}

// call is a method of a value: those of Java's that templates use.
func call(s *state, v any, t *step) any {
	if v == nil {
		return nil
	}
	var arg any
	if len(t.args) > 0 {
		arg = t.args[0].eval(s)
	}
	switch t.name {
	case "size", "length":
		return size(v)
	case "isEmpty":
		return size(v) == int64(0)
	case "get":
		return at(v, arg)
	case "keySet":
		return keys(v)
	case "containsKey":
		return property(v, textOf(arg)) != nil
	case "equals":
		return equal(v, arg)
	case "contains":
		return contains(v, arg)
	case "startsWith":
		return strings.HasPrefix(textOf(v), textOf(arg))
	case "endsWith":
		return strings.HasSuffix(textOf(v), textOf(arg))
	case "toString":
		return textOf(v)
	case "toLowerCase":
		return strings.ToLower(textOf(v))
	case "toUpperCase":
		return strings.ToUpper(textOf(v))
	case "trim":
		return strings.TrimSpace(textOf(v))
	case "replace", "replaceAll":
		return replace(s, v, t)
	}
	return nil
}

func contains(v, arg any) bool {
	if text, ok := v.(string); ok {
		return strings.Contains(text, textOf(arg))
	}
	for _, e := range elementsOf(v) {
		if equal(e, arg) {
			return true
		}
	}
	return false
}
