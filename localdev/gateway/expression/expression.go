// Package expression evaluates the selection expressions of API Gateway
// WebSocket APIs: which route a message takes, which template a mapping uses.
//
// The forms, as the developer guide's "Selection expressions" names them:
//
//	$request.body.action                   one variable, the whole expression
//	${request.body.a}/${request.body.b}    variables amid text
//	\$default                              text with an escaped dollar
//	200                                    plain text
//
// A path is names parted by dots; ['name'] and [0] work too. Evaluation is one
// pass, so what a variable yields is never evaluated again. A path that leads
// nowhere, or to null, yields "". Objects and arrays yield their JSON text.
//
// Besides request.body there are context.*, stageVariables.* and
// integration.response.statuscode and integration.response.header.*, which the
// caller looks up.
package expression

import (
	"encoding/json"
	"fmt"
	"strings"

	"bellhop/localdev/gateway/rawjson"
)

// Vars looks up a variable by its name without the dollar, such as
// "context.connectionId". An unknown one yields "".
type Vars func(name string) string

// Expression is a parsed selection expression. It does not change, so it is
// safe for concurrent use.
type Expression struct {
	parts     []part
	needsBody bool
}

// part is text, or a path in the body, or a variable of the caller's.
type part struct {
	text string
	body bool
	path Path
	name string
}

const bodyRoot = "request.body"

// Parse reads an expression. An error names what it does not understand.
func Parse(s string) (*Expression, error) {
	if s == "" {
		return nil, fmt.Errorf("expression is empty")
	}
	e := &Expression{}
	if s[0] == '$' && !strings.HasPrefix(s, "${") {
		if err := e.variable(s[1:]); err != nil {
			return nil, fmt.Errorf("expression %q: %w", s, err)
		}
		return e, nil
	}
	if err := e.parseText(s); err != nil {
		return nil, fmt.Errorf("expression %q: %w", s, err)
	}
	return e, nil
}

// parseText reads text with ${variables} and \$ in it.
func (e *Expression) parseText(s string) error {
	var text strings.Builder
	for s != "" {
		switch {
		case strings.HasPrefix(s, `\$`):
			text.WriteByte('$')
			s = s[2:]
		case strings.HasPrefix(s, "${"):
			end := strings.IndexByte(s, '}')
			if end < 0 {
				return fmt.Errorf("${ without }")
			}
			e.text(&text)
			if err := e.variable(s[2:end]); err != nil {
				return err
			}
			s = s[end+1:]
		case s[0] == '$':
			return fmt.Errorf(`a dollar amid text is written \$, a variable ${…}`)
		default:
			text.WriteByte(s[0])
			s = s[1:]
		}
	}
	e.text(&text)
	return nil
}

func (e *Expression) text(b *strings.Builder) {
	if b.Len() > 0 {
		e.parts = append(e.parts, part{text: b.String()})
		b.Reset()
	}
}

func (e *Expression) variable(name string) error {
	rest, isBody := strings.CutPrefix(name, bodyRoot)
	switch {
	case isBody && (rest == "" || rest[0] == '.' || rest[0] == '['):
		path, err := ParsePath(rest)
		if err != nil {
			return err
		}
		e.parts = append(e.parts, part{body: true, path: path})
		e.needsBody = true
		return nil
	case known(name):
		e.parts = append(e.parts, part{name: name})
		return nil
	}
	return fmt.Errorf("unknown variable %q", name)
}

func known(name string) bool {
	for _, root := range []string{"context.", "stageVariables.", "integration.response.header."} {
		if strings.HasPrefix(name, root) && len(name) > len(root) {
			return true
		}
	}
	return name == "integration.response.statuscode"
}

// Append appends the value to dst. ok is false when the expression reads the
// body and the body is not JSON.
func (e *Expression) Append(dst, body []byte, vars Vars) (_ []byte, ok bool) {
	if e.needsBody && !json.Valid(body) {
		return dst, false
	}
	for i := range e.parts {
		switch p := &e.parts[i]; {
		case p.body:
			dst = rawjson.AppendString(dst, p.path.Find(body))
		case p.name != "":
			dst = append(dst, vars(p.name)...)
		default:
			dst = append(dst, p.text...)
		}
	}
	return dst, true
}
