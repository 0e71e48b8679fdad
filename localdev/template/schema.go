package template

import (
	"encoding/json"
	"slices"

	"bellhop/localdev/template/reader"
)

// addModel keeps the schema of an AWS::ApiGatewayV2::Model, as JSON.
func (b *builder) addModel(p properties) {
	if a := b.apiOf(p); a != nil {
		b.models[[2]string{a.LogicalID, p.text("Name", "")}] = schemaText(p.value("Schema"))
	}
}

// modelsOf gives the schemas of a route by model key.
func (b *builder) modelsOf(p properties, a *api) map[string]string {
	named := p.textMap("RequestModels")
	if len(named) == 0 || a.unchecked {
		return nil
	}
	models := make(map[string]string, len(named))
	for key, name := range named {
		schema, ok := b.models[[2]string{a.LogicalID, name}]
		if !ok {
			b.Add(p.at("RequestModels"), p.r.Line, "%q names no Model of this template", reader.Shorten(name))
			continue
		}
		models[key] = schema
	}
	return models
}

// schemaText is a schema as JSON: one that is text already, or a mapping.
func schemaText(v reader.Value) string {
	if v.Kind == reader.Scalar {
		return v.Text
	}
	text, err := json.Marshal(schemaOf(v, ""))
	if err != nil { // maps, lists and texts always marshal
		return "{}"
	}
	return string(text)
}

// textKeywords are the keywords of JSON Schema whose values are text even where
// they look like numbers.
var textKeywords = []string{"$ref", "$schema", "$id", "id", "title", "description", "type", "format", "pattern", "required"}

// schemaOf turns a value into JSON's. Numbers and truth values are text in a
// resolved template, so their looks decide, and the keyword that they belong to.
func schemaOf(v reader.Value, keyword string) any {
	switch v.Kind {
	case reader.Object:
		m := make(map[string]any, len(v.Fields))
		for _, f := range v.Fields {
			m[f.Key] = schemaOf(f.Value, f.Key)
		}
		return m
	case reader.List:
		all := make([]any, len(v.Items))
		for i, item := range v.Items {
			all[i] = schemaOf(item, keyword)
		}
		return all
	case reader.Scalar:
		if text := []byte(v.Text); json.Valid(text) && !slices.Contains(textKeywords, keyword) && v.Text[0] != '"' {
			return json.RawMessage(text)
		}
		return v.Text
	}
	return nil
}
