package template

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

// evaluator resolves the values of one template.
type evaluator struct {
	*faults
	// warnings are what does not run here, and does not keep the rest from it.
	warnings   *faults
	doc        document
	pseudo     map[string]value
	parameters map[string]value
	conditions map[string]*truth
	names      map[string]*name
	imports    map[string]string
	// spent is shared by all copies of an evaluator.
	spent *int
}

// eval resolves n. What cannot be resolved is recorded as a fault and comes back
// as broken.
func (e *evaluator) eval(n *node, at place) value {
	n = follow(n)
	if n == nil || n.Kind == 0 {
		return value{}
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
		return value{line: n.Line}
	}
	return textValue(n.Value, n.Line)
}

// afford counts n against the limits of depth and size.
func (e *evaluator) afford(n *node, at place) bool {
	if at.depth > maxDepth {
		e.add(place{logicalID: at.logicalID}, n.Line, "nested more than %d levels deep", maxDepth)
		return false
	}
	return e.charge(nodeCost + len(n.Value))
}

// charge counts bytes against the size that all values may have together. Load
// tells of it when they had more.
func (e *evaluator) charge(bytes int) bool {
	if *e.spent <= maxBytes {
		*e.spent += bytes
	}
	return *e.spent <= maxBytes
}

func (e *evaluator) object(n *node, at place) value {
	v := value{kind: object, line: n.Line}
	for _, p := range pairs(n) {
		f := e.eval(p.value, at.in(p.key))
		if f.kind == absent {
			continue
		}
		v.fields = append(v.fields, field{p.key, f})
	}
	return v
}

func (e *evaluator) list(n *node, at place) value {
	v := value{kind: list, line: n.Line}
	for i, item := range n.Content {
		if got := e.eval(item, at.in(index(i))); got.kind != absent {
			v.items = append(v.items, got)
		}
	}
	return v
}

// call resolves an intrinsic function.
func (e *evaluator) call(c call, at place) value {
	at = at.deeper()
	v := value{}
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
	v.line = c.line
	return v
}

// unknown says why a function cannot be resolved.
func (e *evaluator) unknown(c call, at place) value {
	switch {
	case isConditionFunction(c.name):
		e.add(at, c.line, "%s is a condition, and stands where a value is wanted", c.name)
	case foreignFunctions[c.name]:
		e.add(at, c.line, "%s has no value on this machine", c.name)
	default:
		e.add(at, c.line, "unknown intrinsic function %q", c.name)
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

// warn records what does not run here.
func (e *evaluator) warn(at place, line int, format string, args ...any) {
	e.warnings.add(at, line, format, args...)
}

// text resolves n to a scalar.
func (e *evaluator) text(n *node, at place) (string, bool) {
	v := e.eval(n, at)
	return e.asText(v, at)
}

// asText wants v to be a scalar.
func (e *evaluator) asText(v value, at place) (string, bool) {
	switch v.kind {
	case scalar:
		return v.text, true
	case broken:
		return "", false
	}
	e.add(at, v.line, "want text, got %s", describe(v))
	return "", false
}

func describe(v value) string {
	switch v.kind {
	case list:
		return "a list"
	case object:
		return "a mapping"
	case absent:
		return "nothing"
	}
	return "text"
}

// arguments wants a call's argument to be a list of least to most elements.
func (e *evaluator) arguments(c call, least, most int, at place) ([]*node, bool) {
	arg := follow(c.arg)
	if arg != nil && arg.Kind == yaml.SequenceNode && len(arg.Content) >= least && len(arg.Content) <= most {
		return arg.Content, true
	}
	e.add(at, c.line, "%s wants a list of %s", c.name, span(least, most))
	return nil, false
}

// shorten keeps a message readable when it quotes a long text.
func shorten(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
