package template

import (
	"strconv"
	"time"

	"bellhop/localdev/template/reader"
)

// properties reads what one resource is made of. A property that is not set, or
// that is wrong and was told of, comes back as its zero value or as the standard
// given.
type properties struct {
	e *reader.Evaluator
	r *reader.Resource
	// globals are what SAM's Globals say of this resource's type, or nil.
	globals *reader.Node
}

func (p properties) part() Part { return partOf(p.r) }

func partOf(r *reader.Resource) Part {
	return Part{LogicalID: r.LogicalID, Line: r.Line, Lines: reader.Lines(r.Properties)}
}

func (p properties) at(name string) reader.Place {
	return reader.Place{LogicalID: p.r.LogicalID, Property: name, Depth: 1}
}

// value resolves a property, with Globals under it.
func (p properties) value(name string) reader.Value {
	own := p.e.Eval(reader.Child(p.r.Properties, name), p.at(name))
	if own.Line == 0 {
		own.Line = p.r.Line
	}
	if global := reader.Child(p.globals, name); global != nil {
		return p.e.Eval(global, p.at(name)).Merge(own)
	}
	return own
}

// text gives a property that is a scalar.
func (p properties) text(name, standard string) string {
	return p.scalar(p.value(name), p.at(name), standard)
}

func (p properties) scalar(v reader.Value, at reader.Place, standard string) string {
	if v.Kind == reader.Absent {
		return standard
	}
	s, ok := p.e.AsText(v, at)
	if !ok {
		return standard
	}
	return s
}

// whole gives a property that is a whole number.
func (p properties) whole(name string, standard int) int {
	return p.wholeOf(p.value(name), p.at(name), standard)
}

func (p properties) wholeOf(v reader.Value, at reader.Place, standard int) int {
	s := p.scalar(v, at, "")
	if s == "" {
		return standard
	}
	number, err := strconv.Atoi(s)
	if err != nil {
		p.e.Add(at, v.Line, "want a whole number, got %q", reader.Shorten(s))
		return standard
	}
	return number
}

func (p properties) number(v reader.Value, at reader.Place) float64 {
	s := p.scalar(v, at, "0")
	number, err := strconv.ParseFloat(s, 64)
	if err != nil {
		p.e.Add(at, v.Line, "want a number, got %q", reader.Shorten(s))
	}
	return number
}

// duration gives a property that counts units of time.
func (p properties) duration(name string, unit, standard time.Duration) time.Duration {
	return time.Duration(p.whole(name, int(standard/unit))) * unit
}

// truth gives a property that is a boolean.
func (p properties) truth(name string) bool {
	v := p.value(name)
	switch s := p.scalar(v, p.at(name), "false"); s {
	case "true", "True", "TRUE":
		return true
	case "false", "False", "FALSE":
		return false
	default:
		p.e.Add(p.at(name), v.Line, "want true or false, got %q", reader.Shorten(s))
		return false
	}
}

// texts gives a property that is a list of scalars; one scalar counts as a list.
func (p properties) texts(name string) []string {
	return p.textsOf(p.value(name), p.at(name))
}

func (p properties) textsOf(v reader.Value, at reader.Place) []string {
	switch v.Kind {
	case reader.Absent, reader.Broken:
		return nil
	case reader.List:
		all, _ := p.e.AsTexts(v, at)
		return all
	}
	s, ok := p.e.AsText(v, at)
	if !ok {
		return nil
	}
	return []string{s}
}

// textMap gives a property that is a mapping of scalars; nil when it is not set.
func (p properties) textMap(name string) map[string]string {
	return p.textMapOf(p.value(name), p.at(name))
}

func (p properties) textMapOf(v reader.Value, at reader.Place) map[string]string {
	if v.Kind == reader.Absent || v.Kind == reader.Broken {
		return nil
	}
	if v.Kind != reader.Object {
		p.e.Add(at, v.Line, "want a mapping, got %s", reader.Describe(v))
		return nil
	}
	all := make(map[string]string, len(v.Fields))
	for _, f := range v.Fields {
		if s, ok := p.e.AsText(f.Value, at.In(f.Key)); ok {
			all[f.Key] = s
		}
	}
	return all
}
