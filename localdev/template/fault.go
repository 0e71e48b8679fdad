package template

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong with a template.
type Fault struct {
	// File is the template's path, as it was given to Load.
	File string
	// Line counts from 1; 0 when the fault has no place in the file, such as an
	// override of a parameter that is not there.
	Line int
	// LogicalID names the resource, parameter, condition or output; it may be
	// empty for the template as a whole.
	LogicalID string
	// Property is the path below the resource's Properties, such as
	// "Environment.Variables.STAGE"; it may be empty.
	Property string
	// Message says what is wrong, in one line.
	Message string
}

// Error gives "file:line: LogicalID.Property: message".
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d", f.Line)
	}
	b.WriteString(": ")
	if place := strings.Trim(f.LogicalID+"."+f.Property, "."); place != "" {
		b.WriteString(place + ": ")
	}
	b.WriteString(f.Message)
	return b.String()
}

// faults gathers what is wrong, each thing once.
type faults struct {
	file string
	list []Fault
	seen map[Fault]bool
}

func newFaults(file string) *faults {
	return &faults{file: file, seen: map[Fault]bool{}}
}

// add records a fault, unless the same message was given for that line before.
func (f *faults) add(at place, line int, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	key := Fault{Line: line, Message: message}
	if f.seen[key] {
		return
	}
	f.seen[key] = true
	f.list = append(f.list, Fault{
		File: f.file, Line: line, LogicalID: at.logicalID, Property: at.property, Message: message,
	})
}

// sorted gives the faults in the order of their lines.
func (f *faults) sorted() []Fault {
	slices.SortStableFunc(f.list, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return f.list
}

// err joins all faults into one error; nil when there are none.
func (f *faults) err() error {
	var all []error
	for _, fault := range f.sorted() {
		all = append(all, &fault)
	}
	return errors.Join(all...)
}

// place says where in a template a value stands.
type place struct {
	logicalID, property string
	depth               int
}

// in gives the place of a field or element below p.
func (p place) in(name string) place {
	switch {
	case p.property == "":
		p.property = name
	case strings.HasPrefix(name, "["):
		p.property += name
	default:
		p.property += "." + name
	}
	return p.deeper()
}

func (p place) deeper() place {
	p.depth++
	return p
}
