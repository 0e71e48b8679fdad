// Package model validates messages against the models of a route: JSON schemas
// (draft 4, unless a schema names another), of which a selection expression
// picks one for each message.
//
// A message whose selected key has no model is held against that of $default;
// without one it is valid. A message that is not JSON fits no model. References
// within a schema are followed, those to files and addresses are an error of
// [Parse]. There are no other errors. Safe for concurrent use. Source: "Model
// selection expressions" of the API Gateway Developer Guide.
package model

import (
	"bytes"
	"errors"
	"fmt"

	"bellhop/localdev/gateway/expression"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Models are those of one route.
type Models struct {
	selection *expression.Expression // nil: $default
	byKey     map[string]*jsonschema.Schema
}

const keyDefault = "$default"

// Parse reads schemas by model key, and the expression that yields a key; empty
// means $default. Without schemas it returns nil, to which all is valid.
func Parse(selection string, schemas map[string]string) (*Models, error) {
	if len(schemas) == 0 {
		return nil, nil
	}
	m := &Models{byKey: make(map[string]*jsonschema.Schema, len(schemas))}
	// "$default" is a constant here, as it is for route responses.
	if selection != "" && selection != keyDefault {
		e, err := expression.Parse(selection)
		if err != nil {
			return nil, fmt.Errorf("model selection: %w", err)
		}
		m.selection = e
	}
	for key, text := range schemas {
		schema, err := compile(text)
		if err != nil {
			return nil, fmt.Errorf("model %s: %w", key, err)
		}
		m.byKey[key] = schema
	}
	return m, nil
}

// noOther loads nothing: a schema stands alone.
type noOther struct{}

func (noOther) Load(string) (any, error) {
	return nil, errors.New("a schema may not refer to another")
}

func compile(text string) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.UseLoader(noOther{})
	const name = "model:///schema"
	if err := c.AddResource(name, doc); err != nil {
		return nil, err
	}
	return c.Compile(name)
}

// Valid reports whether a message fits.
func (m *Models) Valid(message []byte, vars expression.Vars) bool {
	if m == nil {
		return true
	}
	key := keyDefault
	if m.selection != nil {
		value, _ := m.selection.Append(nil, message, vars)
		key = string(value)
	}
	schema, ok := m.byKey[key]
	if !ok {
		schema, ok = m.byKey[keyDefault]
	}
	if !ok {
		return true
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(message))
	return err == nil && schema.Validate(doc) == nil
}
