package reader

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

// Faults gathers what is wrong, each thing once.
type Faults struct {
	// File is the template's path.
	File string
	list []Fault
	seen map[Fault]bool
}

// NewFaults gathers the faults of a file.
func NewFaults(file string) *Faults {
	return &Faults{File: file, seen: map[Fault]bool{}}
}

// Add records a fault, unless the same message was given for that line before.
func (f *Faults) Add(at Place, line int, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	key := Fault{Line: line, Message: message}
	if f.seen[key] {
		return
	}
	f.seen[key] = true
	f.list = append(f.list, Fault{
		File: f.File, Line: line, LogicalID: at.LogicalID, Property: at.Property, Message: message,
	})
}

// Sorted gives the faults in the order of their lines.
func (f *Faults) Sorted() []Fault {
	slices.SortStableFunc(f.list, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return f.list
}

// Err joins all faults into one error; nil when there are none.
func (f *Faults) Err() error {
	var all []error
	for _, fault := range f.Sorted() {
		all = append(all, &fault)
	}
	return errors.Join(all...)
}

// Place says where in a template a value stands.
type Place struct {
	// LogicalID and Property are as in Fault.
	LogicalID, Property string
	// Depth counts the levels above it.
	Depth int
}

// In gives the place of a field or element below p.
func (p Place) In(name string) Place {
	switch {
	case p.Property == "":
		p.Property = name
	case strings.HasPrefix(name, "["):
		p.Property += name
	default:
		p.Property += "." + name
	}
	return p.deeper()
}

func (p Place) deeper() Place {
	p.Depth++
	return p
}
