package template

// kind is what a resolved value is.
type kind int

const (
	// absent is AWS::NoValue, a null, or nothing at all.
	absent kind = iota
	// broken could not be resolved; a fault was recorded, and nothing more is to
	// be said about it.
	broken
	scalar
	list
	object
)

// value is a resolved piece of a template.
type value struct {
	kind   kind
	line   int
	text   string
	items  []value
	fields []field
}

// field is one entry of an object.
type field struct {
	key   string
	value value
}

func textValue(s string, line int) value { return value{kind: scalar, line: line, text: s} }

func brokenValue(line int) value { return value{kind: broken, line: line} }

// field gives the value of a key; absent when it is not there.
func (v value) field(key string) value {
	for _, f := range v.fields {
		if f.key == key {
			return f.value
		}
	}
	return value{line: v.line}
}

// merge lays over on top of v as SAM lays a function on Globals: objects are
// merged, lists are joined, anything else is replaced.
func (v value) merge(over value) value {
	switch {
	case over.kind == absent:
		return v
	case v.kind == object && over.kind == object:
		return mergeFields(v, over)
	case v.kind == list && over.kind == list:
		over.items = append(append([]value{}, v.items...), over.items...)
	}
	return over
}

func mergeFields(v, over value) value {
	merged := value{kind: object, line: over.line}
	for _, f := range v.fields {
		merged.fields = append(merged.fields, field{f.key, f.value.merge(over.field(f.key))})
	}
	for _, f := range over.fields {
		if v.field(f.key).kind == absent {
			merged.fields = append(merged.fields, f)
		}
	}
	return merged
}
