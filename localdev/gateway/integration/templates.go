package integration

import (
	"fmt"

	"bellhop/localdev/gateway/expression"
	"bellhop/localdev/gateway/mapping"
)

// templates are a set of mapping templates and what selects one of them.
type templates struct {
	selection *expression.Expression // nil: $default
	byKey     map[string]*mapping.Template
}

const keyDefault = "$default"

func parseTemplates(sources map[string]string, selection string) (templates, error) {
	t := templates{byKey: make(map[string]*mapping.Template, len(sources))}
	if selection != "" {
		e, err := expression.Parse(selection)
		if err != nil {
			return t, err
		}
		t.selection = e
	}
	for key, source := range sources {
		parsed, err := mapping.Parse(source)
		if err != nil {
			return t, fmt.Errorf("template %s: %w", key, err)
		}
		t.byKey[key] = parsed
	}
	return t, nil
}

// of returns the template that is selected for a text, nil for none.
func (t *templates) of(text []byte, vars expression.Vars) *mapping.Template {
	key := keyDefault
	if t.selection != nil {
		value, _ := t.selection.Append(nil, text, vars)
		key = string(value)
	}
	if template, ok := t.byKey[key]; ok {
		return template
	}
	return t.byKey[keyDefault]
}
