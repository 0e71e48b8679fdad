package mapping

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"bellhop/localdev/gateway/rawjson"
)

// Values are nil, bool, int64, string, raw, []any and loop.

// raw is the JSON text of a value, never of null.
type raw []byte

// loop is $foreach.
type loop struct {
	index int
	more  bool
}

// fromJSON makes a value of valid JSON text. Scalars become Go's.
func fromJSON(text []byte) any {
	switch {
	case len(text) == 0, string(text) == "null":
		return nil
	case text[0] == '"':
		return string(rawjson.AppendString(nil, text))
	case string(text) == "true", string(text) == "false":
		return string(text) == "true"
	}
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return n
	}
	return raw(text)
}

func appendText(dst []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(dst, v...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case raw:
		return rawjson.AppendString(dst, v)
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendText(dst, e)
		}
		return append(dst, ']')
	}
	return dst
}

func textOf(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(appendText(nil, v))
}

// truth is Velocity's: null and false are false, and so are "" and 0.
func truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case string:
		return v != ""
	}
	return true
}

func elementsOf(v any) (all []any) {
	switch v := v.(type) {
	case []any:
		return v
	case raw:
		for e := range rawjson.Elements(v) {
			all = append(all, fromJSON(e))
		}
		for _, member := range rawjson.Members(v) {
			all = append(all, fromJSON(member))
		}
	}
	return all
}

// property is v.name; of an object the last member of that name.
func property(v any, name string) (found any) {
	switch v := v.(type) {
	case raw:
		for key, member := range rawjson.Members(v) {
			if rawjson.Is(key, name) {
				found = fromJSON(member)
			}
		}
	case loop:
		switch name {
		case "index":
			return int64(v.index)
		case "count":
			return int64(v.index + 1)
		case "hasNext":
			return v.more
		}
	}
	return found
}

// at is v[key]: an element or a member.
func at(v, key any) any {
	i, number := key.(int64)
	if !number {
		return property(v, textOf(key))
	}
	switch v.(type) {
	case []any, raw:
		if all := elementsOf(v); i >= 0 && i < int64(len(all)) {
			return all[i]
		}
	}
	return nil
}

// size is the length of a list, the members of an object, the characters of a text.
func size(v any) any {
	switch v := v.(type) {
	case string:
		return int64(utf8.RuneCountInString(v))
	case []any, raw:
		return int64(len(elementsOf(v)))
	}
	return nil
}

func keys(v any) any {
	object, _ := v.(raw)
	var all []any
	for key := range rawjson.Members(object) {
		all = append(all, string(rawjson.AppendString(nil, key)))
	}
	return all
}

// utilities are the functions of $util.
var utilities = map[string]func(any) any{
	"escapeJavaScript": func(v any) any { return escapeJavaScript(textOf(v)) },
	"parseJson":        parseJSON,
	"urlEncode":        func(v any) any { return url.QueryEscape(textOf(v)) },
	"urlDecode": func(v any) any {
		if s, err := url.QueryUnescape(textOf(v)); err == nil {
			return s
		}
		return nil
	},
	"base64Encode": func(v any) any { return base64.StdEncoding.EncodeToString([]byte(textOf(v))) },
	"base64Decode": func(v any) any {
		if b, err := base64.StdEncoding.DecodeString(textOf(v)); err == nil {
			return string(b)
		}
		return nil
	},
}

func parseJSON(v any) any {
	text := []byte(strings.TrimSpace(textOf(v)))
	if !json.Valid(text) {
		return nil
	}
	return fromJSON(text)
}

// escapeJavaScript escapes as Apache Commons Lang does, single quotes too
// (AWS's page tells how to undo that for JSON).
func escapeJavaScript(s string) string {
	var b strings.Builder
	short := map[rune]string{'\b': `\b`, '\n': `\n`, '\t': `\t`, '\f': `\f`, '\r': `\r`, '\'': `\'`, '"': `\"`, '\\': `\\`, '/': `\/`}
	for _, r := range s {
		switch text, ok := short[r]; {
		case ok:
			b.WriteString(text)
		case r >= ' ' && r < 0x7f:
			b.WriteRune(r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				const hex = "0123456789ABCDEF"
				b.Write([]byte{'\\', 'u', hex[unit>>12], hex[unit>>8&15], hex[unit>>4&15], hex[unit&15]})
			}
		}
	}
	return b.String()
}
