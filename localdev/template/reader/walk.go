package reader

import (
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// walk looks at the whole template, used or not, and records what can be told
// without resolving it: duplicate keys, names that nothing answers to, functions
// that CloudFormation does not have. It does not follow aliases: what they stand
// for is looked at where it is written.
func (e *Evaluator) walk() {
	for _, section := range Pairs(e.Doc.root) {
		switch section.Key {
		case "Resources":
			e.walkResources(section.Value)
		case "Conditions", "Outputs", "Parameters", "Mappings":
			e.walkEntries(section.Value)
		case "Metadata", "Rules", "Description", "Transform", "AWSTemplateFormatVersion", "Hooks":
		default:
			e.walkNode(section.Value, Place{LogicalID: section.Key})
		}
	}
	e.uniqueKeys(e.Doc.root, Place{})
}

func (e *Evaluator) walkEntries(n *Node) {
	e.uniqueKeys(n, Place{})
	for _, p := range Pairs(n) {
		e.walkNode(p.Value, Place{LogicalID: p.Key})
	}
}

func (e *Evaluator) walkResources(n *Node) {
	e.uniqueKeys(n, Place{})
	for _, p := range Pairs(n) {
		at := Place{LogicalID: p.Key}
		e.uniqueKeys(p.Value, at)
		for _, part := range Pairs(p.Value) {
			switch part.Key {
			case "Properties":
				e.walkNode(part.Value, at)
			case "DependsOn":
				e.walkDependsOn(part.Value, at)
			case "Condition":
				e.wantCondition(Text(part.Value), part.Line, at)
			}
		}
	}
}

func (e *Evaluator) walkDependsOn(n *Node, at Place) {
	n = follow(n)
	for _, item := range append([]*Node{n}, n.Content...) {
		if isScalar(item) && e.Doc.resources[Text(item)] == nil && !e.Doc.mayBeGenerated(Text(item)) {
			e.Add(at.In("DependsOn"), item.Line, "no resource %q", Shorten(Text(item)))
		}
	}
}

func (e *Evaluator) walkNode(n *Node, at Place) {
	if n == nil || n.Kind == yaml.AliasNode {
		return
	}
	if at.Depth > maxDepth {
		e.Add(Place{LogicalID: at.LogicalID}, n.Line, "nested more than %d levels deep", maxDepth)
		return
	}
	if c, ok := callOf(n); ok {
		e.walkCall(c, at)
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		e.uniqueKeys(n, at)
		for _, p := range Pairs(n) {
			e.walkNode(p.Value, at.In(p.Key))
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			e.walkNode(item, at.In(index(i)))
		}
	}
}

// walkCall looks at an intrinsic function, then at its argument.
func (e *Evaluator) walkCall(c call, at Place) {
	arg := follow(c.arg)
	switch c.name {
	case "Ref":
		if isScalar(arg) {
			e.wantName(arg.Value, c.line, at)
		}
	case "GetAtt":
		if id, _, ok := attributeOf(c); ok {
			e.wantResource(id, c.line, at)
		}
	case "Sub":
		e.walkSub(c, at)
	case "If":
		if arg != nil && len(arg.Content) > 0 {
			e.wantCondition(Text(arg.Content[0]), c.line, at)
		}
	case "Condition":
		e.wantCondition(Text(arg), c.line, at)
	case "Join", "Select", "Split", "FindInMap", "Base64", "Equals", "And", "Or", "Not", "ImportValue", "GetAZs":
	default:
		if !foreignFunctions[c.name] {
			e.Add(at, c.line, "unknown intrinsic function %q", Shorten(c.name))
		}
	}
	if c.arg != nil && c.arg.Kind != yaml.ScalarNode {
		e.walkNode(c.arg, at.deeper())
	}
}

func (e *Evaluator) walkSub(c call, at Place) {
	source, variables, ok := subParts(c)
	if !ok {
		return
	}
	for _, p := range e.pieces(source, c.line, at) {
		if !p.variable || variables[p.text] != nil {
			continue
		}
		if id, _, dotted := strings.Cut(p.text, "."); dotted {
			e.wantResource(id, c.line, at)
		} else {
			e.wantName(p.text, c.line, at)
		}
	}
}

func (e *Evaluator) wantName(name string, line int, at Place) {
	if _, ok := e.pseudo[name]; ok {
		return
	}
	if _, ok := e.parameters[name]; !ok {
		e.wantResource(name, line, at)
	}
}

func (e *Evaluator) wantResource(name string, line int, at Place) {
	if e.Doc.resources[name] == nil && !e.Doc.mayBeGenerated(name) {
		e.Add(at, line, "no parameter or resource %q", Shorten(name))
	}
}

func (e *Evaluator) wantCondition(name string, line int, at Place) {
	if _, ok := e.Doc.conditions[name]; !ok {
		e.Add(at, line, "no condition %q", Shorten(name))
	}
}

// uniqueKeys refuses a key that stands twice in one mapping, and hash merges,
// which CloudFormation does not take.
func (e *Evaluator) uniqueKeys(n *Node, at Place) {
	first := map[string]int{}
	for _, p := range Pairs(n) {
		if p.Key == "<<" {
			e.Add(at, p.Line, "a hash merge (<<), which CloudFormation does not take")
		}
		if line, twice := first[p.Key]; twice {
			e.Add(at, p.Line, "key %q stands twice, first on line %d", Shorten(p.Key), line)
		}
		first[p.Key] = p.Line
	}
}
