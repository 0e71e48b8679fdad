package reader

import (
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// Node is short for a piece of parsed YAML.
type Node = yaml.Node

// follow gives the node that an alias stands for. An alias of an alias cannot be
// written in YAML.
func follow(n *Node) *Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// Entry is one entry of a mapping.
type Entry struct {
	// Key is the entry's name, Line where that stands.
	Key  string
	Line int
	// Value is what the name stands for.
	Value *Node
}

// Pairs lists a mapping's entries in order; nothing for any other node.
func Pairs(n *Node) []Entry {
	n = follow(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	list := make([]Entry, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		list = append(list, Entry{n.Content[i].Value, n.Content[i].Line, n.Content[i+1]})
	}
	return list
}

// Child gives the value of a mapping's key, or nil.
func Child(n *Node, key string) *Node {
	n = follow(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// Text gives a scalar's text as it is written, "" for any other node.
func Text(n *Node) string {
	n = follow(n)
	if n == nil || n.Kind != yaml.ScalarNode || isNull(n) {
		return ""
	}
	return n.Value
}

func isNull(n *Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null"
}

// isScalar tells whether n is text, a number or a boolean, without a tag that
// makes it an intrinsic function.
func isScalar(n *Node) bool {
	n = follow(n)
	return n != nil && n.Kind == yaml.ScalarNode && !isNull(n) && !isShort(n)
}

// Lines are those of a mapping's keys.
func Lines(n *Node) map[string]int {
	at := map[string]int{}
	for _, p := range Pairs(n) {
		at[p.Key] = p.Line
	}
	return at
}

// call is an intrinsic function with its argument.
type call struct {
	// name is without "Fn::".
	name string
	arg  *Node
	line int
}

// isShort tells whether n carries a tag of its own, such as !Ref.
func isShort(n *Node) bool {
	return strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!")
}

// callOf takes n for an intrinsic function, in its short form (!Sub) or its long
// one (a mapping with the single key Fn::Sub, Ref or, among conditions,
// Condition).
func callOf(n *Node) (call, bool) {
	if isShort(n) {
		arg := *n
		arg.Tag = ""
		return call{name: strings.TrimPrefix(n.Tag, "!"), arg: &arg, line: n.Line}, true
	}
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		return call{}, false
	}
	key := n.Content[0]
	if name, ok := strings.CutPrefix(key.Value, "Fn::"); ok {
		return call{name: name, arg: n.Content[1], line: key.Line}, true
	}
	if key.Value == "Ref" {
		return call{name: "Ref", arg: n.Content[1], line: key.Line}, true
	}
	return call{}, false
}
