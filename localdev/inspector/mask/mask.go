// Package mask takes credentials out of what is shown: frames, events and answers
// of functions, errors.
//
// # Promises
//
// What a credential's name stands before is masked: in JSON members, headers,
// cookies, queries and forms, also in JSON within a JSON string, in base64, and in
// JSON that is cut off. So is what has a credential's form: JSON Web Tokens, the
// schemes of Authorization, bellhop.bearer subprotocols. JSON stays JSON, with its
// members in their order. Names of cookies, and a scheme, stay readable. A
// credential that neither looks like one nor is called one is not found: what is
// masked is for a developer's screen, not for the world.
//
// # Limits
//
// JSON and base64 are looked into 8 deep; what is deeper is masked whole.
//
// There are no errors: what is no JSON is text. All functions are safe for
// concurrent use.
//
// Read next: names.go for what counts as a credential's name, scan.go for text.
package mask

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"bellhop/localdev/gateway/rawjson"
)

// Masked stands where a credential was.
const Masked = "[masked]"

// maxDepth is how deep JSON in strings, and base64, is looked into.
const maxDepth = 8

// Text masks a text that may be JSON.
func Text(s string) string { return masker{}.text(s) }

// masker is at one depth of JSON in strings.
type masker struct{ depth int }

func (m masker) text(s string) string {
	if looksLikeJSON(s) && json.Valid([]byte(s)) {
		if m.depth == maxDepth {
			return Masked
		}
		return m.document(s)
	}
	if out, ok := m.encoded(s); ok {
		return out
	}
	return patterns(s)
}

// looksLikeJSON says whether s may be an object, an array or a string: numbers
// and the like are no place for a credential.
func looksLikeJSON(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n")
	return s != "" && strings.IndexByte(`{["`, s[0]) >= 0
}

// encoded masks base64 of text that holds a credential. ok is false where there
// is none.
func (m masker) encoded(s string) (out string, ok bool) {
	const shortest = 16
	if len(s) < shortest {
		return "", false
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
		plain, err := encoding.DecodeString(s)
		if err != nil || !utf8.Valid(plain) {
			continue
		}
		if m.depth == maxDepth {
			return Masked, true
		}
		text := string(plain)
		if masked := (masker{m.depth + 1}).text(text); strings.Contains(masked, Masked) {
			return encoding.EncodeToString([]byte(masked)), true
		}
	}
	return "", false
}

// document masks valid JSON.
func (m masker) document(s string) string {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	w := writer{masker{m.depth + 1}, d, bytes.Buffer{}}
	w.value(plain)
	return w.out.String()
}

// writer copies a JSON document from a decoder, masked. The document is valid, so
// that its tokens are never errors.
type writer struct {
	masker
	in  *json.Decoder
	out bytes.Buffer
}

func (w *writer) value(as kind) {
	token, _ := w.in.Token()
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			w.object(as)
		} else {
			w.array(as)
		}
	case string:
		w.quote(w.masked(as, v))
	case json.Number:
		if as == plain {
			w.out.WriteString(v.String())
		} else {
			w.quote(Masked)
		}
	case bool:
		if v {
			w.out.WriteString("true")
		} else {
			w.out.WriteString("false")
		}
	default:
		w.out.WriteString("null")
	}
}

func (w *writer) object(as kind) {
	w.out.WriteByte('{')
	for first := true; w.in.More(); first = false {
		if !first {
			w.out.WriteByte(',')
		}
		token, _ := w.in.Token()
		key, _ := token.(string)
		w.quote(patterns(key))
		w.out.WriteByte(':')
		of := as
		if of == plain {
			of = kindOf(key)
		}
		w.value(of)
	}
	_, _ = w.in.Token()
	w.out.WriteByte('}')
}

func (w *writer) array(as kind) {
	w.out.WriteByte('[')
	for first := true; w.in.More(); first = false {
		if !first {
			w.out.WriteByte(',')
		}
		w.value(as)
	}
	_, _ = w.in.Token()
	w.out.WriteByte(']')
}

func (w *writer) quote(s string) {
	w.out.Write(rawjson.AppendQuoted(w.out.AvailableBuffer(), s))
}
