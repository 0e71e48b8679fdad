package scenario

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// match compares what came, as decode gives it, with the pattern, and takes the
// values of new variables. Its error names the first place that differs.
func (v value) match(got any, known bindings) error { return v.matchAt("", got, known) }

func (v value) matchAt(path string, got any, known bindings) error {
	switch v.kind {
	case anything:
		return nil
	case variable:
		want, ok := known[v.name]
		if !ok {
			known[v.name] = got
			return nil
		}
		if !reflect.DeepEqual(got, want) {
			return differs(path, got, fmt.Sprintf("$%s, which is %s", v.name, show(want)))
		}
		return nil
	case object:
		return v.matchObject(path, got, known)
	case array:
		return v.matchArray(path, got, known)
	}
	if got != v.literal {
		return differs(path, got, show(v.literal))
	}
	return nil
}

func (v value) matchObject(path string, got any, known bindings) error {
	fields, ok := got.(map[string]any)
	if !ok {
		return differs(path, got, "an object")
	}
	more := maps.Clone(fields)
	for _, m := range v.members {
		field, ok := fields[m.name]
		if !ok {
			return fmt.Errorf("%s is missing", join(path, m.name))
		}
		if err := m.value.matchAt(join(path, m.name), field, known); err != nil {
			return err
		}
		delete(more, m.name)
	}
	if len(more) > 0 && !v.open {
		return fmt.Errorf("%s is more than wanted", join(path, strings.Join(slices.Sorted(maps.Keys(more)), ", ")))
	}
	return nil
}

func (v value) matchArray(path string, got any, known bindings) error {
	items, ok := got.([]any)
	if !ok {
		return differs(path, got, "an array")
	}
	if len(items) < len(v.items) || len(items) > len(v.items) && !v.open {
		return fmt.Errorf("%s: got %d elements, want %d", place(path), len(items), len(v.items))
	}
	for i, item := range v.items {
		if err := item.matchAt(fmt.Sprintf("%s[%d]", path, i), items[i], known); err != nil {
			return err
		}
	}
	return nil
}

func differs(path string, got any, want string) error {
	return fmt.Errorf("%s: got %s, want %s", place(path), show(got), want)
}

func show(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

func place(path string) string {
	if path == "" {
		return "the frame"
	}
	return path
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
