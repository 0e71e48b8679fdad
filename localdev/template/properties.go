package template

import (
	"strconv"
	"time"
)

// properties reads what one resource is made of. A property that is not set, or
// that is wrong and was told of, comes back as its zero value or as the standard
// given.
type properties struct {
	e *evaluator
	r *resource
	// globals are what SAM's Globals say of this resource's type, or nil.
	globals *node
}

func (e *evaluator) propertiesOf(r *resource) properties {
	return properties{e: e, r: r}
}

func (r *resource) part() Part {
	return Part{LogicalID: r.logicalID, Line: r.line, Lines: lines(r.properties)}
}

func (p properties) at(name string) place {
	return place{logicalID: p.r.logicalID, property: name, depth: 1}
}

// value resolves a property, with Globals under it.
func (p properties) value(name string) value {
	own := p.e.eval(child(p.r.properties, name), p.at(name))
	if own.line == 0 {
		own.line = p.r.line
	}
	if global := child(p.globals, name); global != nil {
		return p.e.eval(global, p.at(name)).merge(own)
	}
	return own
}

// text gives a property that is a scalar.
func (p properties) text(name, standard string) string {
	return p.scalar(p.value(name), p.at(name), standard)
}

func (p properties) scalar(v value, at place, standard string) string {
	if v.kind == absent {
		return standard
	}
	s, ok := p.e.asText(v, at)
	if !ok {
		return standard
	}
	return s
}

// whole gives a property that is a whole number.
func (p properties) whole(name string, standard int) int {
	return p.wholeOf(p.value(name), p.at(name), standard)
}

func (p properties) wholeOf(v value, at place, standard int) int {
	s := p.scalar(v, at, "")
	if s == "" {
		return standard
	}
	number, err := strconv.Atoi(s)
	if err != nil {
		p.e.add(at, v.line, "want a whole number, got %q", shorten(s))
		return standard
	}
	return number
}

func (p properties) number(v value, at place) float64 {
	s := p.scalar(v, at, "0")
	number, err := strconv.ParseFloat(s, 64)
	if err != nil {
		p.e.add(at, v.line, "want a number, got %q", shorten(s))
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
		p.e.add(p.at(name), v.line, "want true or false, got %q", shorten(s))
		return false
	}
}

// texts gives a property that is a list of scalars; one scalar counts as a list.
func (p properties) texts(name string) []string {
	return p.textsOf(p.value(name), p.at(name))
}

func (p properties) textsOf(v value, at place) []string {
	switch v.kind {
	case absent, broken:
		return nil
	case list:
		all, _ := p.e.asTexts(v, at)
		return all
	}
	s, ok := p.e.asText(v, at)
	if !ok {
		return nil
	}
	return []string{s}
}

// textMap gives a property that is a mapping of scalars; nil when it is not set.
func (p properties) textMap(name string) map[string]string {
	return p.textMapOf(p.value(name), p.at(name))
}

func (p properties) textMapOf(v value, at place) map[string]string {
	if v.kind == absent || v.kind == broken {
		return nil
	}
	if v.kind != object {
		p.e.add(at, v.line, "want a mapping, got %s", describe(v))
		return nil
	}
	all := make(map[string]string, len(v.fields))
	for _, f := range v.fields {
		if s, ok := p.e.asText(f.value, at.in(f.key)); ok {
			all[f.key] = s
		}
	}
	return all
}
