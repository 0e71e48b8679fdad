package expression

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"bellhop/localdev/gateway/rawjson"
)

// Path leads to a value within a JSON document: the child steps of JSONPath,
// such as ".a['b'][0]".
type Path []step

// step goes into an object's member, or with name "" and index >= 0 into an
// array's element.
type step struct {
	name  string
	index int
}

// ParsePath reads the steps after the root: "", ".a.b", "['a'][0]".
// Filters, slices, wildcards and ".." are errors.
func ParsePath(s string) (Path, error) {
	var path Path
	for rest := s; rest != ""; {
		st, n, err := parseStep(rest)
		if err != nil {
			return nil, fmt.Errorf("path %q: %w", s, err)
		}
		path = append(path, st)
		rest = rest[n:]
	}
	return path, nil
}

func parseStep(s string) (step, int, error) {
	if s[0] == '.' {
		n := 1 + strings.IndexAny(s[1:]+".", ".[")
		name := s[1:n]
		if name == "" || strings.ContainsAny(name, "*?()@$'\"{}]") {
			return step{}, 0, fmt.Errorf("%q is no member name", name)
		}
		return step{name: name, index: -1}, n, nil
	}
	end := strings.IndexByte(s, ']')
	if s[0] != '[' || end < 0 {
		return step{}, 0, fmt.Errorf("a step starts with . or is in [ ]")
	}
	in := s[1:end]
	if n := len(in); n > 2 && (in[0] == '\'' || in[0] == '"') && in[n-1] == in[0] {
		return step{name: in[1 : n-1], index: -1}, end + 1, nil
	}
	i, err := strconv.ParseUint(in, 10, 31)
	if err != nil {
		return step{}, 0, fmt.Errorf("[%s] is neither a number nor a quoted name", in)
	}
	return step{index: int(i)}, end + 1, nil
}

// Find returns the JSON text of the value in doc, which must be valid JSON, or
// nil. Of a repeated member the last counts, as with most parsers.
func (p Path) Find(doc []byte) []byte {
	value := bytes.TrimSpace(doc)
	for i := range p {
		if value = p[i].into(value); value == nil {
			return nil
		}
	}
	return value
}

func (s step) into(value []byte) (found []byte) {
	if s.name != "" {
		for key, member := range rawjson.Members(value) {
			if rawjson.Is(key, s.name) {
				found = member
			}
		}
		return found
	}
	n := 0
	for element := range rawjson.Elements(value) {
		if n == s.index {
			return element
		}
		n++
	}
	return nil
}
