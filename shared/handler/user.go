package handler

import (
	"strings"
	"unicode"

	"bellhop/shared/fault"
)

// MaxUser is how many bytes a user's name has at most. It has no control
// characters, which logs and frames would have to escape.
const MaxUser = 255

// userName reads a field that names a user.
func userName(o fault.Object, field string) string {
	name := o.String(field, MaxUser)
	checkName(o, field, name)
	return name
}

func checkName(o fault.Object, field, name string) {
	if strings.IndexFunc(name, unicode.IsControl) >= 0 {
		o.Fault(field, fault.Control)
	}
}
