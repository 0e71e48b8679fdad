package template

import (
	"encoding/json"
	"slices"
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
	if len(named) == 0 {
		return nil
	}
	models := make(map[string]string, len(named))
	for key, name := range named {
		schema, ok := b.models[[2]string{a.LogicalID, name}]
		if !ok {
			b.add(p.at("RequestModels"), p.r.line, "%q names no Model of this template", shorten(name))
			continue
		}
		models[key] = schema
	}
	return models
}

// schemaText is a schema as JSON: one that is text already, or a mapping.
func schemaText(v value) string {
	if v.kind == scalar {
		return v.text
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
func schemaOf(v value, keyword string) any {
	switch v.kind {
	case object:
		m := make(map[string]any, len(v.fields))
		for _, f := range v.fields {
			m[f.key] = schemaOf(f.value, f.key)
		}
		return m
	case list:
		all := make([]any, len(v.items))
		for i, item := range v.items {
			all[i] = schemaOf(item, keyword)
		}
		return all
	case scalar:
		if text := []byte(v.text); json.Valid(text) && !slices.Contains(textKeywords, keyword) && v.text[0] != '"' {
			return json.RawMessage(text)
		}
		return v.text
	}
	return nil
}
