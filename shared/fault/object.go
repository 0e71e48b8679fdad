package fault

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
)

// MaxInteger is the greatest integer that every JSON implementation holds
// exactly (RFC 8259 §6): 2^53-1.
const MaxInteger = 1<<53 - 1

// Object reads the fields of one JSON object. A method that meets a broken
// rule adds a fault and returns the zero value; a field that is absent or null
// is no fault, but for [Object.Require]. Fields are nil where there is no
// object; their values are parts of the input, without space around them.
type Object struct {
	Fields map[string]json.RawMessage
	path   string
	faults *Faults
}

// Parse reads data as a JSON object. Its faults, and those that the object's
// methods find later, are added to faults.
func Parse(data []byte, faults *Faults) Object {
	o := Object{faults: faults}
	if !json.Valid(data) {
		faults.Add("", Syntax)
		return o
	}
	o.split(data)
	return o
}

func (o *Object) split(valid []byte) {
	if o.Fields = members(valid); o.Fields == nil {
		o.faults.Add(o.path, NotObject)
	}
}

// Path is the path of the object's field name, from the whole input on. That
// of the empty name is the object's own, here and in the methods that add a
// fault.
func (o Object) Path(name string) string {
	switch {
	case o.path == "":
		return name
	case name == "":
		return o.path
	}
	return o.path + "." + name
}

// Faults is how many faults the whole input has so far.
func (o Object) Faults() int { return len(*o.faults) }

// Has says whether the field is there and not null.
func (o Object) Has(name string) bool {
	raw, ok := o.Fields[name]
	return ok && string(raw) != "null"
}

// Fault adds a fault of one of the object's fields.
func (o Object) Fault(name, rule string) { o.faults.Add(o.Path(name), rule) }

// FaultLimit adds a fault whose rule speaks of a number.
func (o Object) FaultLimit(name, rule string, limit int64) {
	o.faults.AddLimit(o.Path(name), rule, limit)
}

// Require adds a fault for each of the names that is absent, null or "".
func (o Object) Require(names ...string) {
	for _, name := range names {
		if !o.Has(name) || string(o.Fields[name]) == `""` {
			o.Fault(name, Required)
		}
	}
}

// String reads a string of at most limit bytes.
func (o Object) String(name string, limit int) string {
	if !o.Has(name) {
		return ""
	}
	s, ok := text(o.Fields[name])
	if !ok {
		o.Fault(name, NotString)
		return ""
	}
	if len(s) > limit {
		o.FaultLimit(name, MaxLength, int64(limit))
		return ""
	}
	return s
}

// text decodes a JSON string. One of plain ASCII is most often what there is,
// and needs no decoder.
func text(raw json.RawMessage) (s string, ok bool) {
	if raw[0] != '"' {
		return "", false
	}
	for _, c := range raw {
		if c == '\\' || c >= utf8.RuneSelf {
			return s, json.Unmarshal(raw, &s) == nil
		}
	}
	return string(raw[1 : len(raw)-1]), true
}

// Word reads a string that must be one of the words given.
func (o Object) Word(name string, words ...string) string {
	s := o.String(name, 64)
	if s == "" {
		return ""
	}
	for _, w := range words {
		if s == w {
			return s
		}
	}
	o.Fault(name, OneOf)
	return ""
}

// Time reads an RFC 3339 time.
func (o Object) Time(name string) time.Time {
	s := o.String(name, 64)
	if s == "" {
		return time.Time{}
	}
	t, ok := ParseTime(s)
	if !ok {
		o.Fault(name, Timestamp)
	}
	return t
}

// ParseTime reads a time as RFC 3339 §5.6 has it. It refuses what time.Parse
// lets pass: an hour of one digit, a comma, and offsets from 24 hours or 60
// minutes on.
func ParseTime(s string) (t time.Time, ok bool) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || len(s) < len("2006-01-02T15:04:05Z") || s[13] != ':' || s[19] == ',' {
		return time.Time{}, false
	}
	if zone := s[len(s)-5:]; s[len(s)-1] != 'Z' && (zone[:2] > "23" || zone[3:] > "59") {
		return time.Time{}, false
	}
	return t, true
}

// Integer reads a whole number from 0 to [MaxInteger].
func (o Object) Integer(name string) int64 {
	if !o.Has(name) {
		return 0
	}
	return o.integer(name, o.Fields[name])
}

// Positive reads a whole number from 1 to [MaxInteger].
func (o Object) Positive(name string) int64 {
	if !o.Has(name) {
		return 0
	}
	return o.positive(name, o.Fields[name])
}

func (o Object) integer(name string, raw json.RawMessage) int64 {
	n, ok := integer(raw)
	if !ok {
		o.Fault(name, NotInteger)
	}
	return n
}

func (o Object) positive(name string, raw json.RawMessage) int64 {
	n, ok := integer(raw)
	switch {
	case !ok:
		o.Fault(name, NotInteger)
	case n == 0:
		o.FaultLimit(name, Min, 1)
	}
	return n
}

func integer(raw json.RawMessage) (n int64, ok bool) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < 0 || n > MaxInteger {
		return 0, false
	}
	return n, true
}

// Bool reads true or false; absent is the value of otherwise.
func (o Object) Bool(name string, otherwise bool) bool {
	if !o.Has(name) {
		return otherwise
	}
	switch string(o.Fields[name]) {
	case "true":
		return true
	case "false":
		return false
	}
	o.Fault(name, NotBoolean)
	return otherwise
}

// Positives reads an array of at most limit whole numbers from 1 on.
func (o Object) Positives(name string, limit int) []int64 {
	raws := o.Array(name, limit)
	if raws == nil {
		return nil
	}
	numbers := make([]int64, len(raws))
	for i, raw := range raws {
		numbers[i] = o.positive(element(name, i), raw)
	}
	return numbers
}

// Strings reads an array of at most limit strings, each of 1 to length bytes.
func (o Object) Strings(name string, limit, length int) []string {
	raws := o.Array(name, limit)
	if raws == nil {
		return nil
	}
	strs := make([]string, len(raws))
	for i, raw := range raws {
		one := Object{Fields: map[string]json.RawMessage{element(name, i): raw}, path: o.path, faults: o.faults}
		one.Require(element(name, i))
		strs[i] = one.String(element(name, i), length)
	}
	return strs
}

// Array reads an array of at most limit elements, unread; nil if it is absent
// or too long.
func (o Object) Array(name string, limit int) []json.RawMessage {
	if !o.Has(name) {
		return nil
	}
	raws := elements(o.Fields[name])
	if raws == nil {
		o.Fault(name, NotArray)
		return nil
	}
	if len(raws) > limit {
		o.FaultLimit(name, MaxItems, int64(limit))
		return nil
	}
	return raws
}

// Object reads an object within this one. Its faults carry the whole path.
func (o Object) Object(name string) Object {
	inner := Object{path: o.Path(name), faults: o.faults}
	if o.Has(name) {
		inner.split(o.Fields[name])
	}
	return inner
}

// Member is Object, but for all fields except the one that is asked for. That
// costs less where the others do not matter.
func (o Object) Member(name, field string) Object {
	inner := Object{path: o.Path(name), faults: o.faults}
	if o.Has(name) {
		if inner.Fields = member(o.Fields[name], field); inner.Fields == nil {
			o.Fault(name, NotObject)
		}
	}
	return inner
}

func element(name string, i int) string { return name + "[" + strconv.Itoa(i) + "]" }
