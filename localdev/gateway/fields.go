package gateway

import (
	"iter"
	"strings"

	"bellhop/localdev/gateway/rawjson"
)

// field is one header or query parameter, in the client's spelling.
type field struct {
	name, value string
	last        int // of the first field of a name: index of the last one; else -1
}

// fields are a request's headers or its query, in order.
type fields struct {
	list []field
	fold bool // names compare without regard to case
}

func (f *fields) same(a, b string) bool {
	return a == b || f.fold && len(a) == len(b) && strings.EqualFold(a, b)
}

func (f *fields) add(name, value string) {
	n := len(f.list)
	f.list = append(f.list, field{name, value, n})
	for i := range f.list[:n] {
		if f.same(f.list[i].name, name) {
			f.list[i].last = n
			f.list[n].last = -1
			return
		}
	}
}

// set replaces the last value of a name, or adds the field.
func (f *fields) set(name, value string) {
	for i := len(f.list) - 1; i >= 0; i-- {
		if f.same(f.list[i].name, name) {
			f.list[i].value = value
			return
		}
	}
	f.add(name, value)
}

// values yields the values of a name in order.
func (f *fields) values(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range f.list {
			if f.same(f.list[i].name, name) && !yield(f.list[i].value) {
				return
			}
		}
	}
}

// last returns the last value of a name, "" when there is none.
func (f *fields) last(name string) string {
	for i := len(f.list) - 1; i >= 0; i-- {
		if f.same(f.list[i].name, name) {
			return f.list[i].value
		}
	}
	return ""
}

// hasToken reports whether a comma-separated header holds a token.
func (f *fields) hasToken(name, token string) bool {
	for value := range f.values(name) {
		for part := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// member names a member of an event: JSON text up to the value.
type member struct{ single, multi string }

var (
	memberHeaders = member{`"headers":`, `"multiValueHeaders":`}
	memberQuery   = member{`"queryStringParameters":`, `"multiValueQueryStringParameters":`}
)

// appendJSON appends two members: the single one with the last value of each
// name, the multi one with all of them. Names in skip are left out.
func (f *fields) appendJSON(b []byte, m member, skip func(string) bool) []byte {
	b = append(append(b, m.single...), '{')
	n := len(b)
	for _, e := range f.list {
		if e.last < 0 || skip(e.name) {
			continue
		}
		b = rawjson.AppendQuoted(comma(b, n), e.name)
		b = rawjson.AppendQuoted(append(b, ':'), f.list[e.last].value)
	}
	b = append(append(append(b, `},`...), m.multi...), '{')
	n = len(b)
	for i, e := range f.list {
		if e.last < 0 || skip(e.name) {
			continue
		}
		b = rawjson.AppendQuoted(comma(b, n), e.name)
		b = append(b, `:[`...)
		b = rawjson.AppendQuoted(b, e.value)
		for _, other := range f.list[i+1 : e.last+1] {
			if f.same(other.name, e.name) {
				b = rawjson.AppendQuoted(append(b, ','), other.value)
			}
		}
		b = append(b, ']')
	}
	return append(b, `},`...)
}

func none(string) bool { return false }

// comma separates from what follows position n, if anything does.
func comma(b []byte, n int) []byte {
	if len(b) == n {
		return b
	}
	return append(b, ',')
}

// addRaw adds the header lines of a request as they came over the wire.
func (f *fields) addRaw(raw string) {
	for line := range strings.Lines(raw) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			f.add(name, strings.TrimSpace(value))
		}
	}
}
