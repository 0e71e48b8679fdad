package template

import "strings"

// InlineFile gives the name under which Lambda keeps code that the template holds
// itself; ok is false for a function without such code, or of a runtime that takes
// none.
func (f Function) InlineFile() (name string, ok bool) {
	switch {
	case f.Inline == "":
		return "", false
	case strings.HasPrefix(f.Runtime, "nodejs"):
		return "index.js", true
	case strings.HasPrefix(f.Runtime, "python"):
		return "index.py", true
	}
	return "", false
}
