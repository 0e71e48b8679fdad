package mapping

import (
	"regexp"
	"strings"
)

// methods are those that a value has, with the number of their arguments.
var methods = map[string]int{
	"size": 0, "length": 0, "isEmpty": 0, "get": 1, "keySet": 0, "containsKey": 1, "equals": 1, "contains": 1,
	"startsWith": 1, "endsWith": 1, "toString": 0, "toLowerCase": 0, "toUpperCase": 0, "trim": 0, "replace": 2, "replaceAll": 2,
}

// replace is Java's replace, or its replaceAll, which takes a regular
// expression; one that Go does not know yields nothing.
func replace(s *state, v any, t *step) any {
	text, old, with := textOf(v), textOf(t.args[0].eval(s)), textOf(t.args[1].eval(s))
	if len(text)*(len(with)+1) > 16*maxText {
		return nil
	}
	if t.name == "replace" {
		return strings.ReplaceAll(text, old, with)
	}
	re, err := regexp.Compile(old)
	if err != nil {
		return nil
	}
	return re.ReplaceAllString(text, strings.ReplaceAll(with, `\\`, `\`))
}
