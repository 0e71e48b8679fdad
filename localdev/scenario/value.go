package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// kind says what a value of a script is.
type kind int

const (
	literal  kind = iota // string, number, true, false or null
	object               // members
	array                // items
	variable             // $name
	anything             // …
)

// value is JSON with the additions of scripts.
type value struct {
	kind    kind
	literal any    // string, json.Number, bool or nil
	name    string // of a variable
	members []member
	items   []value
	open    bool // … at the end: there may be more
}

type member struct {
	name  string
	value value
}

// bindings are the values of variables.
type bindings map[string]any

// render writes the value as JSON, with variables replaced.
func (v value) render(b *bytes.Buffer, known bindings) error {
	switch v.kind {
	case literal:
		return write(b, v.literal)
	case variable:
		taken, ok := known[v.name]
		if !ok {
			return fmt.Errorf("$%s has no value yet", v.name)
		}
		return write(b, taken)
	case array:
		return list(b, "[]", len(v.items), func(i int) error { return v.items[i].render(b, known) })
	case object:
		return list(b, "{}", len(v.members), func(i int) error {
			if err := write(b, v.members[i].name); err != nil {
				return err
			}
			b.WriteByte(':')
			return v.members[i].value.render(b, known)
		})
	}
	return fmt.Errorf("… stands for nothing that can be sent")
}

func write(b *bytes.Buffer, v any) error {
	text, err := json.Marshal(v)
	b.Write(text)
	return err
}

func list(b *bytes.Buffer, brackets string, n int, each func(int) error) error {
	b.WriteByte(brackets[0])
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := each(i); err != nil {
			return err
		}
	}
	b.WriteByte(brackets[1])
	return nil
}

// sendable says whether nothing in the value is open.
func (v value) sendable() bool {
	if v.kind == anything || v.open {
		return false
	}
	for _, m := range v.members {
		if !m.value.sendable() {
			return false
		}
	}
	for _, i := range v.items {
		if !i.sendable() {
			return false
		}
	}
	return true
}

// decode reads JSON for match.
func decode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}
