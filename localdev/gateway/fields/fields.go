// Package fields holds a request's headers or query parameters in their order and
// spelling, and renders them as the two members of an event. There are no errors.
// A [Fields] is for one goroutine.
package fields

import (
	"iter"
	"strings"

	"bellhop/localdev/gateway/rawjson"
)

// Field is one header or query parameter, in the client's spelling.
type Field struct {
	name, value string
	last        int // of the first field of a name: index of the last one; else -1
}

// Fields are a request's headers or its query, in order.
type Fields struct {
	List []Field
	Fold bool // names compare without regard to case
}

func (f *Fields) same(a, b string) bool {
	return a == b || f.Fold && len(a) == len(b) && strings.EqualFold(a, b)
}

// Add adds a field at the end.
func (f *Fields) Add(name, value string) {
	n := len(f.List)
	f.List = append(f.List, Field{name, value, n})
	for i := range f.List[:n] {
		if f.same(f.List[i].name, name) {
			f.List[i].last = n
			f.List[n].last = -1
			return
		}
	}
}

// Set replaces the last value of a name, or adds the field.
func (f *Fields) Set(name, value string) {
	for i := len(f.List) - 1; i >= 0; i-- {
		if f.same(f.List[i].name, name) {
			f.List[i].value = value
			return
		}
	}
	f.Add(name, value)
}

// Values yields the values of a name in order.
func (f *Fields) Values(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range f.List {
			if f.same(f.List[i].name, name) && !yield(f.List[i].value) {
				return
			}
		}
	}
}

// Last returns the last value of a name, "" when there is None.
func (f *Fields) Last(name string) string {
	for i := len(f.List) - 1; i >= 0; i-- {
		if f.same(f.List[i].name, name) {
			return f.List[i].value
		}
	}
	return ""
}

// HasToken reports whether a comma-separated header holds a token.
func (f *Fields) HasToken(name, token string) bool {
	for value := range f.Values(name) {
		for part := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// Member names a pair of members of an event.
type Member struct{ single, multi string }

// The members of events.
var (
	Headers = Member{`"headers":`, `"multiValueHeaders":`}
	Query   = Member{`"queryStringParameters":`, `"multiValueQueryStringParameters":`}
)

// AppendJSON appends two members: the single one with the last value of each
// name, the multi one with all of them. Names in skip are left out.
func (f *Fields) AppendJSON(b []byte, m Member, skip func(string) bool) []byte {
	b = append(append(b, m.single...), '{')
	n := len(b)
	for _, e := range f.List {
		if e.last < 0 || skip(e.name) {
			continue
		}
		b = rawjson.AppendQuoted(comma(b, n), e.name)
		b = rawjson.AppendQuoted(append(b, ':'), f.List[e.last].value)
	}
	b = append(append(append(b, `},`...), m.multi...), '{')
	n = len(b)
	for i, e := range f.List {
		if e.last < 0 || skip(e.name) {
			continue
		}
		b = rawjson.AppendQuoted(comma(b, n), e.name)
		b = append(b, `:[`...)
		b = rawjson.AppendQuoted(b, e.value)
		for _, other := range f.List[i+1 : e.last+1] {
			if f.same(other.name, e.name) {
				b = rawjson.AppendQuoted(append(b, ','), other.value)
			}
		}
		b = append(b, ']')
	}
	return append(b, `},`...)
}

// None leaves nothing out.
func None(string) bool { return false }

// comma separates from what follows position n, if anything does.
func comma(b []byte, n int) []byte {
	if len(b) == n {
		return b
	}
	return append(b, ',')
}

// AddRaw adds the header lines of a request as they came over the wire.
func (f *Fields) AddRaw(raw string) {
	for line := range strings.Lines(raw) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			f.Add(name, strings.TrimSpace(value))
		}
	}
}
