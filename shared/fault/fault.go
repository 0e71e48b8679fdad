// Package fault says what is wrong with an input: each fault names a field by
// its path and the rule that it breaks, and all faults of an input are
// reported together.
//
// [Object] reads a JSON object (RFC 8259) field by field and collects faults
// as it goes, so that a decoder is a list of fields with their rules. Names
// are matched exactly (unlike encoding/json's own, which ignores case), and
// unknown ones are left alone. Where a name is repeated, its last value counts.
//
// Nothing here is safe for concurrent use while an input is being read.
package fault

import (
	"fmt"
	"strings"
)

// Rules that a field can break. They are part of what clients see: a program
// may act on them.
const (
	Required    = "required"    // the field is absent, null or empty
	NotString   = "string"      // a JSON string is wanted
	NotInteger  = "integer"     // a whole number, at least 0 and at most 2^53-1
	NotBoolean  = "boolean"     // true or false is wanted
	NotObject   = "object"      // a JSON object is wanted
	NotArray    = "array"       // a JSON array is wanted
	MaxLength   = "max_length"  // longer than Limit bytes
	MaxItems    = "max_items"   // more than Limit elements
	Max         = "max"         // greater than Limit
	Min         = "min"         // less than Limit
	OneOf       = "one_of"      // not one of the allowed words
	Unsupported = "unsupported" // a field that this service does not take
	Exclusive   = "exclusive"   // stands beside a field that excludes it
	Timestamp   = "rfc3339"     // an RFC 3339 time is wanted
	Future      = "future"      // a time that has already passed
	URI         = "uri"         // an RFC 3986 URI is wanted
	URIRef      = "uri_ref"     // an RFC 3986 URI reference is wanted
	Name        = "name"        // not a legal attribute name
	Control     = "no_control"  // holds a control character
	Scalar      = "scalar"      // a string, a boolean or an integer is wanted
	Syntax      = "json"        // not JSON
	Known       = "known"       // names something that does not exist
)

// Fault is one broken rule. Field is a path such as "notification.type" or
// "users[2]"; the empty path is the whole input. Limit is the number that the
// rule speaks of, where it speaks of one.
type Fault struct {
	Field string `json:"field"`
	Rule  string `json:"rule"`
	Limit int64  `json:"limit,omitempty"`
}

// String says the fault in one line.
func (f Fault) String() string {
	field := f.Field
	if field == "" {
		field = "input"
	}
	if f.Limit != 0 {
		return fmt.Sprintf("%s: %s (%d)", field, f.Rule, f.Limit)
	}
	return field + ": " + f.Rule
}

// Faults are all the broken rules of one input. As an error it lists them.
type Faults []Fault

// Error lists the faults, separated by "; ".
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "; ")
}

// Err is the faults as an error, or nil if there are none.
func (fs Faults) Err() error {
	if len(fs) == 0 {
		return nil
	}
	return fs
}

// Add appends a fault that has no limit.
func (fs *Faults) Add(field, rule string) {
	*fs = append(*fs, Fault{Field: field, Rule: rule})
}

// AddLimit appends a fault whose rule speaks of a number.
func (fs *Faults) AddLimit(field, rule string, limit int64) {
	*fs = append(*fs, Fault{Field: field, Rule: rule, Limit: limit})
}
