package reader

import (
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

const (
	// maxDepth is how deep a template may be nested.
	maxDepth = 64
	// maxBytes is the most that all resolved values may take together; each value
	// counts as nodeCost and its text.
	maxBytes = 16 << 20
	nodeCost = 16
)

// Evaluator resolves the values of one template.
type Evaluator struct {
	*Faults
	// Warnings are what does not run here, and does not keep the rest from it.
	Warnings *Faults
	// Doc is the template taken apart.
	Doc        Document
	pseudo     map[string]Value
	parameters map[string]Value
	conditions map[string]*truth
	names      map[string]*name
	imports    map[string]string
	// spent is shared by all copies of an evaluator.
	spent *int
	// Options are those that the template is resolved with.
	Options Options
	// Declared are its parameters with their values.
	Declared []Parameter
}

// Eval resolves n. What cannot be resolved is recorded as a fault and comes back
// as broken.
func (e *Evaluator) Eval(n *Node, at Place) Value {
	n = follow(n)
	if n == nil || n.Kind == 0 {
		return Value{}
	}
	if !e.afford(n, at) {
		return brokenValue(n.Line)
	}
	if c, ok := callOf(n); ok {
		return e.call(c, at)
	}
	switch n.Kind {
	case yaml.MappingNode:
		return e.object(n, at)
	case yaml.SequenceNode:
		return e.list(n, at)
	}
	if isNull(n) {
		return Value{Line: n.Line}
	}
	return textValue(n.Value, n.Line)
}

// afford counts n against the limits of depth and size.
func (e *Evaluator) afford(n *Node, at Place) bool {
	if at.Depth > maxDepth {
		e.Add(Place{LogicalID: at.LogicalID}, n.Line, "nested more than %d levels deep", maxDepth)
		return false
	}
	return e.charge(nodeCost + len(n.Value))
}

// charge counts bytes against the size that all values may have together. Load
// tells of it when they had more.
func (e *Evaluator) charge(bytes int) bool {
	if *e.spent <= maxBytes {
		*e.spent += bytes
	}
	return *e.spent <= maxBytes
}

func (e *Evaluator) object(n *Node, at Place) Value {
	v := Value{Kind: Object, Line: n.Line}
	for _, p := range Pairs(n) {
		f := e.Eval(p.Value, at.In(p.Key))
		if f.Kind == Absent {
			continue
		}
		v.Fields = append(v.Fields, Field{p.Key, f})
	}
	return v
}

func (e *Evaluator) list(n *Node, at Place) Value {
	v := Value{Kind: List, Line: n.Line}
	for i, item := range n.Content {
		if got := e.Eval(item, at.In(index(i))); got.Kind != Absent {
			v.Items = append(v.Items, got)
		}
	}
	return v
}

// call resolves an intrinsic function.
func (e *Evaluator) call(c call, at Place) Value {
	at = at.deeper()
	v := Value{}
	switch c.name {
	case "Ref":
		v = e.ref(c, at)
	case "GetAtt":
		v = e.getAtt(c, at)
	case "Sub":
		v = e.sub(c, at)
	case "Join":
		v = e.join(c, at)
	case "If":
		v = e.choose(c, at)
	case "Select":
		v = e.selectItem(c, at)
	case "Split":
		v = e.split(c, at)
	case "FindInMap":
		v = e.findInMap(c, at)
	case "Base64":
		v = e.base64(c, at)
	case "ImportValue":
		v = e.importValue(c, at)
	case "GetAZs":
		v = e.zones(c, at)
	default:
		v = e.unknown(c, at)
	}
	v.Line = c.line
	return v
}

// unknown says why a function cannot be resolved.
func (e *Evaluator) unknown(c call, at Place) Value {
	switch {
	case isConditionFunction(c.name):
		e.Add(at, c.line, "%s is a condition, and stands where a value is wanted", c.name)
	case foreignFunctions[c.name]:
		e.Add(at, c.line, "%s has no value on this machine", c.name)
	default:
		e.Add(at, c.line, "unknown intrinsic function %q", c.name)
	}
	return brokenValue(c.line)
}

// foreignFunctions are CloudFormation's, and need an account, a region or a
// macro to be resolved.
var foreignFunctions = map[string]bool{
	"Cidr": true, "Transform": true,
	"ToJsonString": true, "Length": true, "ForEach": true, "GetStackOutput": true,
}

func isConditionFunction(name string) bool {
	switch name {
	case "Equals", "And", "Or", "Not", "Condition":
		return true
	}
	return false
}

// Warn records what does not run here.
func (e *Evaluator) Warn(at Place, line int, format string, args ...any) {
	e.Warnings.Add(at, line, format, args...)
}

// text resolves n to a scalar.
func (e *Evaluator) text(n *Node, at Place) (string, bool) {
	v := e.Eval(n, at)
	return e.AsText(v, at)
}

// AsText wants v to be a scalar.
func (e *Evaluator) AsText(v Value, at Place) (string, bool) {
	switch v.Kind {
	case Scalar:
		return v.Text, true
	case Broken:
		return "", false
	}
	e.Add(at, v.Line, "want text, got %s", Describe(v))
	return "", false
}

// Describe says what kind of value v is, in words: "a list".
func Describe(v Value) string {
	switch v.Kind {
	case List:
		return "a list"
	case Object:
		return "a mapping"
	case Absent:
		return "nothing"
	}
	return "text"
}

// arguments wants a call's argument to be a list of least to most elements.
func (e *Evaluator) arguments(c call, least, most int, at Place) ([]*Node, bool) {
	arg := follow(c.arg)
	if arg != nil && arg.Kind == yaml.SequenceNode && len(arg.Content) >= least && len(arg.Content) <= most {
		return arg.Content, true
	}
	e.Add(at, c.line, "%s wants a list of %s", c.name, span(least, most))
	return nil, false
}

// Shorten keeps a message readable when it quotes a long text.
func Shorten(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
