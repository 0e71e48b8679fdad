package model

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func none(string) string { return "" }

const chat = `{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","required":["text"],
	"properties":{"text":{"type":"string","maxLength":5},"n":{"$ref":"#/definitions/n"}},"definitions":{"n":{"minimum":1}}}`

func TestValid_4_2(t *testing.T) {
	m, err := Parse("$request.body.kind", map[string]string{"chat": chat, "$default": `{"type":"object"}`})
	if err != nil {
		t.Fatal(err)
	}
	for message, want := range map[string]bool{
		`{"kind":"chat","text":"hello"}`:         true,
		`{"kind":"chat","text":"hello","n":1}`:   true,
		`{"kind":"chat","text":"hello","n":0}`:   false,
		`{"kind":"chat","text":"too long"}`:      false,
		`{"kind":"chat"}`:                        false,
		`{"kind":"other"}`:                       true,
		`[]`:                                     false,
		`not JSON`:                               false,
		`{"kind":"chat","text":"a"} {"text":""}`: false,
		`{"kind":"chat","text":"\ud83d\ude00😀"}`: true,
	} {
		if got := m.Valid([]byte(message), none); got != want {
			t.Errorf("%s: got %v, want %v", message, got, want)
		}
	}
}

func TestValid_WithoutAModelAllIsValid(t *testing.T) {
	none1, err := Parse("$request.body.kind", nil)
	if err != nil || !none1.Valid([]byte("x"), none) {
		t.Errorf("no models: got invalid, %v", err)
	}
	other, err := Parse("$request.body.kind", map[string]string{"chat": chat})
	if err != nil || !other.Valid([]byte(`{"kind":"x"}`), none) {
		t.Errorf("no model for the key: got invalid, %v", err)
	}
	fixed, err := Parse("$default", map[string]string{"$default": chat})
	if err != nil || fixed.Valid([]byte(`{}`), none) {
		t.Errorf("$default: got valid, %v", err)
	}
}

func TestParse_Refuses(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":         `{`,
		"unknown type":    `{"type":"text"}`,
		"another file":    `{"$ref":"file:///etc/passwd"}`,
		"another address": `{"$ref":"http://localhost:1/schema.json"}`,
	} {
		if _, err := Parse("", map[string]string{"$default": text}); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if _, err := Parse("${x}", map[string]string{"$default": `{}`}); err == nil {
		t.Error("selection: got no error")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(chat, `{"text":"a"}`)
	f.Fuzz(func(_ *testing.T, schema, message string) {
		if m, err := Parse("", map[string]string{"$default": schema}); err == nil {
			m.Valid([]byte(message), none)
		}
	})
}
