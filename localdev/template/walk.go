package template

import (
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// walk looks at the whole template, used or not, and records what can be told
// without resolving it: duplicate keys, names that nothing answers to, functions
// that CloudFormation does not have. It does not follow aliases: what they stand
// for is looked at where it is written.
func (e *evaluator) walk() {
	for _, section := range pairs(e.doc.root) {
		switch section.key {
		case "Resources":
			e.walkResources(section.value)
		case "Conditions", "Outputs", "Parameters", "Mappings":
			e.walkEntries(section.value)
		case "Metadata", "Rules", "Description", "Transform", "AWSTemplateFormatVersion", "Hooks":
		default:
			e.walkNode(section.value, place{logicalID: section.key})
		}
	}
	e.uniqueKeys(e.doc.root, place{})
}

func (e *evaluator) walkEntries(n *node) {
	e.uniqueKeys(n, place{})
	for _, p := range pairs(n) {
		e.walkNode(p.value, place{logicalID: p.key})
	}
}

func (e *evaluator) walkResources(n *node) {
	e.uniqueKeys(n, place{})
	for _, p := range pairs(n) {
		at := place{logicalID: p.key}
		e.uniqueKeys(p.value, at)
		for _, part := range pairs(p.value) {
			switch part.key {
			case "Properties":
				e.walkNode(part.value, at)
			case "DependsOn":
				e.walkDependsOn(part.value, at)
			case "Condition":
				e.wantCondition(text(part.value), part.line, at)
			}
		}
	}
}

func (e *evaluator) walkDependsOn(n *node, at place) {
	n = follow(n)
	for _, item := range append([]*node{n}, n.Content...) {
		if isScalar(item) && e.doc.resources[text(item)] == nil && !e.doc.mayBeGenerated(text(item)) {
			e.add(at.in("DependsOn"), item.Line, "no resource %q", shorten(text(item)))
		}
	}
}

func (e *evaluator) walkNode(n *node, at place) {
	if n == nil || n.Kind == yaml.AliasNode {
		return
	}
	if at.depth > maxDepth {
		e.add(place{logicalID: at.logicalID}, n.Line, "nested more than %d levels deep", maxDepth)
		return
	}
	if c, ok := callOf(n); ok {
		e.walkCall(c, at)
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		e.uniqueKeys(n, at)
		for _, p := range pairs(n) {
			e.walkNode(p.value, at.in(p.key))
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			e.walkNode(item, at.in(index(i)))
		}
	}
}

// walkCall looks at an intrinsic function, then at its argument.
func (e *evaluator) walkCall(c call, at place) {
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
			e.wantCondition(text(arg.Content[0]), c.line, at)
		}
	case "Condition":
		e.wantCondition(text(arg), c.line, at)
	case "Join", "Select", "Split", "FindInMap", "Base64", "Equals", "And", "Or", "Not", "ImportValue", "GetAZs":
	default:
		if !foreignFunctions[c.name] {
			e.add(at, c.line, "unknown intrinsic function %q", shorten(c.name))
		}
	}
	if c.arg != nil && c.arg.Kind != yaml.ScalarNode {
		e.walkNode(c.arg, at.deeper())
	}
}

func (e *evaluator) walkSub(c call, at place) {
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

func (e *evaluator) wantName(name string, line int, at place) {
	if _, ok := e.pseudo[name]; ok {
		return
	}
	if _, ok := e.parameters[name]; !ok {
		e.wantResource(name, line, at)
	}
}

func (e *evaluator) wantResource(name string, line int, at place) {
	if e.doc.resources[name] == nil && !e.doc.mayBeGenerated(name) {
		e.add(at, line, "no parameter or resource %q", shorten(name))
	}
}

func (e *evaluator) wantCondition(name string, line int, at place) {
	if _, ok := e.doc.conditions[name]; !ok {
		e.add(at, line, "no condition %q", shorten(name))
	}
}

// uniqueKeys refuses a key that stands twice in one mapping, and hash merges,
// which CloudFormation does not take.
func (e *evaluator) uniqueKeys(n *node, at place) {
	first := map[string]int{}
	for _, p := range pairs(n) {
		if p.key == "<<" {
			e.add(at, p.line, "a hash merge (<<), which CloudFormation does not take")
		}
		if line, twice := first[p.key]; twice {
			e.add(at, p.line, "key %q stands twice, first on line %d", shorten(p.key), line)
		}
		first[p.key] = p.line
	}
}
