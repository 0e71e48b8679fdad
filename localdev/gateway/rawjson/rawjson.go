// Package rawjson reads single values out of JSON text without decoding the
// rest, and writes strings. The gateway does both for every message.
//
// The readers rely on valid JSON: check it with [encoding/json.Valid] first.
// They return parts of the text they were given and allocate nothing.
package rawjson

import (
	"bytes"
	"encoding/json"
	"iter"
	"unicode/utf16"
	"unicode/utf8"
)

// Members yields the members of an object in order: the key's JSON text, with
// its quotes, and the value's. Anything but an object has none.
func Members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		object := bytes.TrimSpace(object)
		if len(object) == 0 || object[0] != '{' {
			return
		}
		for i := skipSpace(object, 1); object[i] != '}'; {
			end := skipValue(object, i)
			key := object[i:end]
			i = skipSpace(object, skipSpace(object, end)+1) // over the colon
			end = skipValue(object, i)
			if !yield(key, object[i:end]) {
				return
			}
			i = skipComma(object, end)
		}
	}
}

// Elements yields the elements of an array. Anything else has none.
func Elements(array []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		array := bytes.TrimSpace(array)
		if len(array) == 0 || array[0] != '[' {
			return
		}
		for i := skipSpace(array, 1); array[i] != ']'; {
			end := skipValue(array, i)
			if !yield(array[i:end]) {
				return
			}
			i = skipComma(array, end)
		}
	}
}

// Is reports whether the JSON text of a string, with its quotes, says s.
func Is(quoted []byte, s string) bool {
	if plain(quoted) {
		return string(quoted[1:len(quoted)-1]) == s
	}
	return string(AppendString(nil, quoted)) == s
}

// plain reports whether a string's JSON text is the string itself.
func plain(quoted []byte) bool {
	return bytes.IndexByte(quoted, '\\') < 0 && utf8.Valid(quoted)
}

// AppendString appends a value as API Gateway turns it into a string: strings
// without quotes, null and nothing as "", all else as compact JSON. In strings
// what is not UTF-8 becomes U+FFFD.
func AppendString(dst, value []byte) []byte {
	switch {
	case len(value) == 0, string(value) == "null":
		return dst
	case value[0] == '"' && plain(value):
		return append(dst, value[1:len(value)-1]...)
	case value[0] == '"' && utf8.Valid(value):
		return unescape(dst, value[1:len(value)-1])
	case value[0] == '"':
		var s string
		if err := json.Unmarshal(value, &s); err != nil {
			return dst // cannot be: the document is valid
		}
		return append(dst, s...)
	case value[0] == '{' || value[0] == '[':
		var b bytes.Buffer
		if err := json.Compact(&b, value); err != nil {
			return dst // cannot be, as above
		}
		return append(dst, b.Bytes()...)
	}
	return append(dst, value...)
}

// unescape appends the text between the quotes of a valid string.
func unescape(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		switch c := text[i+1]; c {
		case 'n':
			dst = append(dst, '\n')
		case 't':
			dst = append(dst, '\t')
		case 'r':
			dst = append(dst, '\r')
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'u':
			r := hex4(text[i+2:])
			i += 4
			if utf16.IsSurrogate(r) {
				r2 := rune(0)
				if rest := text[i+2:]; len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
					r2 = hex4(rest[2:])
				}
				if r = utf16.DecodeRune(r, r2); r != utf8.RuneError {
					i += 6 // a pair
				}
			}
			dst = utf8.AppendRune(dst, r)
		default: // \" \\ \/
			dst = append(dst, c)
		}
		text = text[i+2:]
	}
}

// hex4 reads four hexadecimal digits.
func hex4(b []byte) (r rune) {
	for _, c := range b[:4] {
		d := c - '0'
		if c > '9' {
			d = (c | 0x20) - 'a' + 10
		}
		r = r<<4 | rune(d)
	}
	return r
}

// AppendQuoted appends s as a JSON string. Bytes that are not UTF-8 become
// U+FFFD, as with encoding/json; unlike there, <, > and & stay.
func AppendQuoted[T string | []byte](dst []byte, s T) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		b := s[i]
		if b >= ' ' && b != '"' && b != '\\' && b < utf8.RuneSelf {
			i++
			continue
		}
		if b >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		dst = append(dst, s[start:i]...)
		switch b {
		case '"', '\\':
			dst = append(dst, '\\', b)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

func skipSpace(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r' {
		i++
	}
	return i
}

func skipComma(b []byte, i int) int {
	i = skipSpace(b, i)
	if b[i] == ',' {
		i = skipSpace(b, i+1)
	}
	return i
}

// skipValue returns the end of the value at i. In valid JSON it is enough to
// count brackets outside strings.
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth <= 0 {
				return i + 1 + depth // after a bare literal the bracket is its parent's
			}
		case ',', ' ', '\n', '\t', '\r', ':':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

func skipString(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}
