package mask

import (
	"regexp"
	"slices"
	"strings"
)

// token is a JSON Web Token (RFC 7519, §3) wherever it stands.
var token = regexp.MustCompile(`eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?`)

// words are what credentials begin with in text: their names, and the schemes of
// Authorization.
var words = slices.Concat(
	parts, names, schemes[1:], // bearer is a part already
	[]string{"cookie", "authorization", "api-key", "api_key", "access-key", "access_key", "private-key", "private_key", "session-id", "session_id"},
)

// patterns masks what has a credential's form in a text: a JSON Web Token, what a
// credential's name and a colon or an equals sign stand before, and what follows a
// scheme. It goes through the text once.
func patterns(s string) string {
	if strings.Contains(s, "eyJ") {
		s = token.ReplaceAllString(s, Masked)
	}
	if !strings.ContainsAny(s, ":= +.") { // nothing can stand behind a name
		return s
	}
	t := scanner{text: s, lower: lower(s), next: make([]int, len(words))}
	var out strings.Builder
	done := 0
	for word, at := t.find(0); word != ""; word, at = t.find(max(done, t.end)) {
		from, to := t.credential(word, at)
		if from == to || from < done {
			continue
		}
		out.WriteString(s[done:from])
		out.WriteString(Masked)
		done, t.end = to, to
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// lower makes ASCII letters small; every byte stays in its place.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// scanner looks for credentials in a text.
type scanner struct {
	text, lower string
	next        []int // of each word, where it stands next
	end         int   // of the name that was looked at last
}

// find finds the first word from a place on, "" for none.
func (t *scanner) find(from int) (word string, at int) {
	at = len(t.lower)
	for i, w := range words {
		if t.next[i] < from || from == 0 {
			t.next[i] = len(t.lower)
			if n := strings.Index(t.lower[min(from, len(t.lower)):], w); n >= 0 {
				t.next[i] = from + n
			}
		}
		if t.next[i] < at {
			word, at = w, t.next[i]
		}
	}
	return word, at
}

// credential finds the credential that the word at a place stands before; from and
// to are alike where there is none. It sets t.end.
func (t *scanner) credential(word string, at int) (from, to int) {
	start := at
	for start > 0 && nameByte(t.lower[start-1]) {
		start--
	}
	t.end = t.skip(at, nameByte)
	if slices.Contains(schemes, word) {
		if from, to = t.scheme(at, len(word)); from != to {
			return from, to
		}
	}
	if slices.Contains(schemes[1:], word) || slices.Contains(names, word) && t.lower[start:t.end] != word {
		return 0, 0
	}
	return t.value(word)
}

// scheme finds what follows a scheme: "Bearer abc", or "x.bearer.abc" in the name
// of a subprotocol.
func (t *scanner) scheme(at, length int) (from, to int) {
	const shortest = 8 // of what follows a blank: less is a word of prose
	after := at + length
	if after < len(t.text) && t.text[after] == '.' && at > 0 && t.text[at-1] == '.' {
		return after + 1, t.skip(after+1, tokenByte)
	}
	from = t.skip(after, func(c byte) bool { return c == ' ' || c == '+' })
	if to = t.skip(from, tokenByte); from > after && to-from >= shortest {
		return from, to
	}
	return 0, 0
}

// value finds the value after the name that ends at t.end.
func (t *scanner) value(word string) (from, to int) {
	i := t.skip(t.end, backslash)
	if i < len(t.text) && quote(t.text[i]) {
		i++
	}
	i = t.skip(i, blank)
	if i >= len(t.text) || t.text[i] != ':' && t.text[i] != '=' {
		return 0, 0
	}
	header := t.text[i] == ':' && (word == "cookie" || word == "authorization")
	i = t.skip(i+1, blank)
	open := t.skip(i, backslash)
	switch {
	case open < len(t.text) && quote(t.text[open]):
		return open + 1, t.closing(open+1, t.text[i:open+1])
	case open < len(t.text) && (t.text[open] == '[' || t.text[open] == '{'):
		return open, t.bracket(open)
	case header:
		return open, t.skip(open, func(c byte) bool { return c != '\r' && c != '\n' && c != '"' && c != '\\' })
	}
	return open, t.skip(open, valueByte)
}

// closing is where a quoted value ends: at a quote with as many backslashes as the
// opening one (a backslash within it has twice as many), at one with fewer, which
// ends what it stands in, or with the text.
func (t *scanner) closing(from int, opening string) int {
	slashes := len(opening) - 1
	for i, n := from, 0; i < len(t.text); i++ {
		if t.text[i] == '\\' {
			n++
			continue
		}
		if t.text[i] == opening[slashes] && (n < slashes || n%(2*(slashes+1)) == slashes) {
			return i - min(n, slashes)
		}
		n = 0
	}
	return len(t.text)
}

// bracket is where a list or an object ends that may be cut off.
func (t *scanner) bracket(from int) int {
	opening, closing, depth := t.text[from], t.text[from]+2, 0 // in ASCII, ] is two after [, and } after {
	for i := from; i < len(t.text); i++ {
		switch t.text[i] {
		case opening:
			depth++
		case closing:
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(t.text)
}

// skip is where bytes of a kind end.
func (t *scanner) skip(from int, of func(byte) bool) int {
	for from < len(t.text) && of(t.text[from]) {
		from++
	}
	return min(from, len(t.text))
}

func backslash(c byte) bool { return c == '\\' }

func quote(c byte) bool { return c == '"' || c == '\'' }

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func nameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '.' || c == '-'
}

func tokenByte(c byte) bool { return nameByte(c) || strings.IndexByte("~+/=", c) >= 0 }

func valueByte(c byte) bool { return !blank(c) && strings.IndexByte(`,;&}"'\`, c) < 0 }
