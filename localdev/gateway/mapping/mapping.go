// Package mapping renders mapping templates, as a MOCK integration uses them.
//
// It knows the part of API Gateway's template language that needs no program:
// text, $context.*, $stageVariables.*, $input.body, $input.json('$.path') and
// $input.path('$.path'), each also as ${…}. A line from ## on is a comment.
// Directives (#set, #if, #foreach …) and $util are errors of [Parse]: better
// refused at the start than rendered wrong. Other $names are text, as Velocity
// renders an unknown reference.
package mapping

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"bellhop/localdev/gateway/expression"
	"bellhop/localdev/gateway/rawjson"
)

// Template is a parsed mapping template, safe for concurrent use.
type Template struct{ parts []part }

type kind int

const (
	text kind = iota
	variable
	body
	jsonPath  // the JSON text of a value
	plainPath // the value as a string
)

type part struct {
	kind kind
	text string // or the variable's name
	path expression.Path
}

// reference matches what follows a dollar: a name, or a call of $input with
// one quoted argument; in braces or not.
var reference = regexp.MustCompile(
	`^\$!?(?:\{([A-Za-z_][\w.-]*)\}|\{?(input\.(?:json|path))\(\s*(?:'([^']*)'|"([^"]*)")\s*\)\}?|([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*))`)

var directive = regexp.MustCompile(`^#\{?(set|if|elseif|else|end|foreach|macro|define|stop|break|include|parse|evaluate)\b`)

// Parse reads a template; the error names what is not supported.
func Parse(s string) (*Template, error) {
	t := &Template{}
	for s != "" {
		n := strings.IndexAny(s, "$#")
		if n != 0 {
			if n < 0 {
				n = len(s)
			}
			t.add(part{text: s[:n]})
			s = s[n:]
			continue
		}
		n, err := t.special(s)
		if err != nil {
			return nil, err
		}
		s = s[n:]
	}
	return t, nil
}

// special reads what starts with $ or #, and returns its length.
func (t *Template) special(s string) (int, error) {
	if strings.HasPrefix(s, "##") {
		if end := strings.IndexByte(s, '\n'); end >= 0 {
			return end + 1, nil
		}
		return len(s), nil
	}
	if d := directive.FindString(s); d != "" || strings.HasPrefix(s, "#*") {
		return 0, fmt.Errorf("template directive %.20q is not supported", s)
	}
	m := reference.FindStringSubmatch(s)
	if m == nil {
		t.add(part{text: s[:1]})
		return 1, nil
	}
	if m[2] != "" {
		return len(m[0]), t.call(m[2], m[3]+m[4])
	}
	return len(m[0]), t.reference(m[1]+m[5], m[0])
}

func (t *Template) call(name, argument string) error {
	rest, ok := strings.CutPrefix(argument, "$")
	path, err := expression.ParsePath(rest)
	if !ok || err != nil {
		return fmt.Errorf("template: $%s of %q is not supported", name, argument)
	}
	k := jsonPath
	if name == "input.path" {
		k = plainPath
	}
	t.add(part{kind: k, path: path})
	return nil
}

func (t *Template) reference(name, source string) error {
	root, _, _ := strings.Cut(name, ".")
	switch {
	case name == "input.body":
		t.add(part{kind: body})
	case root == "context" || root == "stageVariables":
		t.add(part{kind: variable, text: name})
	case root == "util" || root == "input":
		return fmt.Errorf("template: %s is not supported", source)
	default:
		t.add(part{text: source})
	}
	return nil
}

func (t *Template) add(p part) { t.parts = append(t.parts, p) }

// Append appends the template, rendered for a message, to dst. In a message
// that is not JSON every path leads nowhere.
func (t *Template) Append(dst, message []byte, vars expression.Vars) []byte {
	doc := message
	if !json.Valid(doc) {
		doc = []byte("null")
	}
	for i := range t.parts {
		switch p := &t.parts[i]; p.kind {
		case text:
			dst = append(dst, p.text...)
		case variable:
			dst = append(dst, vars(p.text)...)
		case body:
			dst = append(dst, message...)
		case jsonPath:
			dst = append(dst, p.path.Find(doc)...)
		case plainPath:
			dst = rawjson.AppendString(dst, p.path.Find(doc))
		}
	}
	return dst
}
