package reader

// Kind is what a resolved value is.
type Kind int

const (
	// Absent is AWS::NoValue, a null, or nothing at all.
	Absent Kind = iota
	// Broken could not be resolved; a fault was recorded, and nothing more is to
	// be said about it.
	Broken
	Scalar
	List
	Object
)

// Value is a resolved piece of a template.
type Value struct {
	// Kind says which of the others is set.
	Kind Kind
	// Line is where the value stands; 0 when it stands nowhere.
	Line int
	// Text is a scalar's, as it is written.
	Text string
	// Items are a list's, Fields an object's, in order.
	Items  []Value
	Fields []Field
}

// Field is one entry of an object.
type Field struct {
	// Key is the entry's name.
	Key string
	// Value is what the name stands for.
	Value Value
}

func textValue(s string, line int) Value { return Value{Kind: Scalar, Line: line, Text: s} }

func brokenValue(line int) Value { return Value{Kind: Broken, Line: line} }

// Field gives the value of a key; absent when it is not there.
func (v Value) Field(key string) Value {
	for _, f := range v.Fields {
		if f.Key == key {
			return f.Value
		}
	}
	return Value{Line: v.Line}
}

// Merge lays over on top of v as SAM lays a function on Globals: objects are
// merged, lists are joined, anything else is replaced.
func (v Value) Merge(over Value) Value {
	switch {
	case over.Kind == Absent:
		return v
	case v.Kind == Object && over.Kind == Object:
		return mergeFields(v, over)
	case v.Kind == List && over.Kind == List:
		over.Items = append(append([]Value{}, v.Items...), over.Items...)
	}
	return over
}

func mergeFields(v, over Value) Value {
	merged := Value{Kind: Object, Line: over.Line, Fields: append([]Field{}, v.Fields...)}
	at := make(map[string]int, len(v.Fields))
	for i, f := range v.Fields {
		at[f.Key] = i
	}
	for _, f := range over.Fields {
		if i, both := at[f.Key]; both {
			merged.Fields[i].Value = merged.Fields[i].Value.Merge(f.Value)
		} else {
			merged.Fields = append(merged.Fields, f)
		}
	}
	return merged
}
