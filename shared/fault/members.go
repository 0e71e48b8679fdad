package fault

import (
	"bytes"
	"encoding/json"
)

// What follows steps through JSON that is known to be valid, so that an object
// is taken apart without a decoder: this is on the way of every publish.

// members are the members of the object data, and nil if it is none. The
// values are parts of data.
func members(data []byte) map[string]json.RawMessage {
	fields := make(map[string]json.RawMessage)
	if !eachMember(data, func(name, value []byte) {
		decoded, _ := text(name)
		fields[decoded] = value
	}) {
		return nil
	}
	return fields
}

// member is the object data with no member but the one of this name.
func member(data []byte, want string) map[string]json.RawMessage {
	fields := make(map[string]json.RawMessage)
	if !eachMember(data, func(name, value []byte) {
		if same(name, want) {
			fields[want] = value
		}
	}) {
		return nil
	}
	return fields
}

// same says whether the JSON string is want once it is decoded.
func same(name []byte, want string) bool {
	if bytes.IndexByte(name, '\\') < 0 {
		return string(name[1:len(name)-1]) == want
	}
	decoded, _ := text(name)
	return decoded == want
}

// eachMember calls f with each name, in its quotation marks, and its value;
// false says that data is no object.
func eachMember(data []byte, f func(name, value []byte)) bool {
	i := skipSpace(data, 0)
	if data[i] != '{' {
		return false
	}
	for i = skipSpace(data, i+1); data[i] != '}'; i = next(data, i) {
		end := endOfString(data, i)
		from := skipSpace(data, skipSpace(data, end)+1) // behind the colon
		name := data[i:end]
		i = endOfValue(data, from)
		f(name, data[from:i:i])
	}
	return true
}

// elements are the elements of the array data, which begins at its bracket;
// nil if it is none.
func elements(data []byte) []json.RawMessage {
	if data[0] != '[' {
		return nil
	}
	found := []json.RawMessage{}
	for i := skipSpace(data, 1); data[i] != ']'; i = next(data, i) {
		from := i
		i = endOfValue(data, from)
		found = append(found, data[from:i:i])
	}
	return found
}

// next is where the token after a value begins, past a comma.
func next(data []byte, i int) int {
	i = skipSpace(data, i)
	if data[i] == ',' {
		i = skipSpace(data, i+1)
	}
	return i
}

func skipSpace(data []byte, i int) int {
	for data[i] == ' ' || data[i] == '\n' || data[i] == '\t' || data[i] == '\r' {
		i++
	}
	return i
}

// endOfValue is the index behind the value that begins at i.
func endOfValue(data []byte, i int) int {
	switch data[i] {
	case '"':
		return endOfString(data, i)
	case '{', '[':
		return endOfNested(data, i)
	}
	for ; i < len(data); i++ {
		switch data[i] {
		case ',', '}', ']', ' ', '\n', '\t', '\r':
			return i
		}
	}
	return i
}

func endOfNested(data []byte, i int) int {
	for depth := 0; ; i++ {
		switch data[i] {
		case '"':
			i = endOfString(data, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}

func endOfString(data []byte, i int) int {
	for i++; data[i] != '"'; i++ {
		if data[i] == '\\' {
			i++
		}
	}
	return i + 1
}
