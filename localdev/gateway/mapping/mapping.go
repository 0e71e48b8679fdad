// Package mapping renders mapping templates, as integrations other than proxies
// use them: the part of the Velocity Template Language that API Gateway's pages
// on WebSocket APIs show.
//
//	$context.*  $stageVariables.*          what the caller looks up
//	$input.body                            the message as it is
//	$input.json('$.path')                  the JSON text of a value in it
//	$input.path('$.path')                  the value: $x.name, $x[0], $x.size(), …
//	$input.params('name')                  a query parameter, else a header, of $connect
//	$util.escapeJavaScript  parseJson  base64Encode  base64Decode  urlEncode  urlDecode
//	#set($x = …)  #if(…) #elseif(…) #else #end  #foreach($x in …) #end  #stop
//	## and #* comments *#
//
// References may be written $x, ${x} and $!x. Operators are + - * / % == != < >
// <= >= && || ! and their words; literals are 'text', "text with $references",
// whole numbers, true, false, [lists] and [1..3] ranges. Other directives, and
// functions of $util and $input that API Gateway does not have, are errors of
// [Parse]: better refused at the start than rendered wrong.
//
// # Promises and limits
//
// A path that leads nowhere, a null and an operation that makes no sense yield
// nothing. As in Velocity, a reference to a variable that was never set is the
// text it is written as. Objects and arrays are rendered as JSON, unlike in
// Velocity, whose form for them nobody can read back. A #foreach goes round 1,000 times at
// most (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html),
// and one rendering ends after 100,000 steps or 1 MiB. A [Template] never changes: it is
// safe for concurrent use.
//
// Read next: parse.go for the syntax, value.go for what values can do.
package mapping

import (
	"encoding/json"

	"bellhop/localdev/gateway/expression"
)

const (
	maxRounds = 1000    // of one #foreach
	maxSteps  = 100_000 // of one rendering
	maxDepth  = 100     // of nested blocks and expressions
)

// Template is a parsed mapping template.
type Template struct{ nodes []node }

// Append appends the template, rendered for a message, to dst. In a message
// that is not JSON every path leads nowhere. vars looks up context.*,
// stageVariables.*, route.request.querystring.* and route.request.header.*.
func (t *Template) Append(dst, message []byte, vars expression.Vars) []byte {
	s := state{out: dst, message: message, vars: vars}
	s.render(t.nodes)
	return s.out
}

// state is one rendering.
type state struct {
	out     []byte
	message []byte
	doc     []byte // the message, or null when it is not JSON; nil: not yet known
	vars    expression.Vars
	set     map[string]any
	steps   int
	stopped bool
}

func (s *state) document() []byte {
	if s.doc == nil {
		s.doc = s.message
		if !json.Valid(s.message) {
			s.doc = []byte("null")
		}
	}
	return s.doc
}

// step reports whether rendering may go on.
func (s *state) step() bool {
	s.steps++
	s.stopped = s.stopped || s.steps > maxSteps || len(s.out) > maxText
	return !s.stopped
}

func (s *state) render(nodes []node) {
	for i := range nodes {
		if !s.step() {
			return
		}
		nodes[i].render(s)
	}
}

// node is a piece of a template.
type node interface{ render(s *state) }

type textNode string

func (n textNode) render(s *state) { s.out = append(s.out, n...) }

type setNode struct {
	name  string
	value expr
}

func (n *setNode) render(s *state) {
	if s.set == nil {
		s.set = map[string]any{}
	}
	s.set[n.name] = n.value.eval(s)
}

type stopNode struct{}

func (stopNode) render(s *state) { s.stopped = true }

// ifNode is the branches of an #if in order; the #else has no condition.
type ifNode struct{ branches []branch }

type branch struct {
	condition expr
	body      []node
}

func (n *ifNode) render(s *state) {
	for _, b := range n.branches {
		if b.condition == nil || truth(b.condition.eval(s)) {
			s.render(b.body)
			return
		}
	}
}

type foreachNode struct {
	name string
	list expr
	body []node
}

// render goes round with the element, and with $foreach.index, count and
// hasNext, which it puts back in the end.
func (n *foreachNode) render(s *state) {
	elements := elementsOf(n.list.eval(s))
	elements = elements[:min(len(elements), maxRounds)]
	if s.set == nil {
		s.set = map[string]any{}
	}
	outer, had := s.set["foreach"]
	for i, element := range elements {
		if !s.step() {
			break
		}
		s.set[n.name] = element
		s.set["foreach"] = loop{i, i+1 < len(elements)}
		s.render(n.body)
	}
	if delete(s.set, "foreach"); had {
		s.set["foreach"] = outer
	}
}

// refNode is a reference amid text.
type refNode struct {
	ref    *refExpr
	source string // as it is written; "" for a quiet one
}

func (n *refNode) render(s *state) {
	if n.source != "" && n.ref.unset(s) {
		s.out = append(s.out, n.source...)
		return
	}
	s.out = appendText(s.out, n.ref.eval(s))
}
