package origin

import (
	"errors"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Why a URL is refused.
var (
	errBrackets = errors.New("no valid IPv6 address in brackets")
	errPort     = errors.New("the port is no number from 0 to 65535")
)

// future is an address of a later version (RFC 3986, section 3.2.2).
var future = regexp.MustCompile(`^v[0-9a-fA-F]+\..+$`)

// removed are the characters that urlparse drops wherever they stand.
var removed = strings.NewReplacer("\t", "", "\r", "", "\n", "")

// url is what decides of a URL, read as Python's urlparse reads it. A part that
// is not there is "".
type url struct {
	scheme string // in lower case
	host   string // in lower case up to a "%", without brackets and user
	port   string // as it stands
}

// split takes a URL apart. net/url is not used, since it reads other things
// than Python does: it refuses spaces, a "%" in a host, text before a colon.
func split(text string) (url, error) {
	text = strings.TrimLeftFunc(text, func(r rune) bool { return r <= ' ' })
	text = removed.Replace(text)
	var u url
	u.scheme, text = cutScheme(text)
	authority, ok := strings.CutPrefix(text, "//")
	if !ok {
		return u, nil
	}
	if end := strings.IndexAny(authority, "/?#"); end >= 0 {
		authority = authority[:end]
	}
	err := u.setAuthority(authority)
	return u, err
}

// cutScheme cuts off everything before the first colon if it can be a scheme.
func cutScheme(text string) (scheme, rest string) {
	before, after, ok := strings.Cut(text, ":")
	if !ok || before == "" || !isLetter(rune(before[0])) || strings.ContainsFunc(before, notInScheme) {
		return "", text
	}
	return strings.ToLower(before), after
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

func notInScheme(r rune) bool {
	return !isLetter(r) && !('0' <= r && r <= '9') && !strings.ContainsRune("+-.", r)
}

// setAuthority reads "user:password@host:port"; the last @ ends the user.
func (u *url) setAuthority(text string) error {
	host := text[strings.LastIndexByte(text, '@')+1:]
	if strings.ContainsAny(text, "[]") {
		return u.setBracketed(host)
	}
	host, u.port, _ = strings.Cut(host, ":")
	u.setHost(host)
	return nil
}

// setBracketed reads "[address]" or "[address]:port".
func (u *url) setBracketed(text string) error {
	text, opened := strings.CutPrefix(text, "[")
	address, rest, closed := strings.Cut(text, "]")
	port, colon := strings.CutPrefix(rest, ":")
	if !opened || !closed || (rest != "" && !colon) || !isAddress(address) {
		return errBrackets
	}
	u.port = port
	u.setHost(address)
	return nil
}

// isAddress reports whether the text may stand in brackets.
func isAddress(text string) bool {
	if strings.HasPrefix(text, "v") {
		return future.MatchString(text)
	}
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is6() && strings.Count(text, "%") <= 1
}

// setHost lowers the host's letters, but for the zone of an IPv6 address.
func (u *url) setHost(text string) {
	name, _, _ := strings.Cut(text, "%")
	u.host = lower(name) + text[len(name):]
}

// effectivePort returns the URL's port, its scheme's, or noPort.
func (u url) effectivePort() (int, error) {
	if u.port != "" {
		port, err := strconv.ParseUint(u.port, 10, 16)
		if err != nil {
			return noPort, errPort
		}
		return int(port), nil
	}
	switch u.scheme {
	case "http", "ws":
		return 80, nil
	case "https", "wss":
		return 443, nil
	default:
		return noPort, nil
	}
}

// latin1 turns bytes into the characters that they are in Latin-1, in which
// HTTP headers are read.
func latin1(s string) string {
	if isASCII(s) {
		return s
	}
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// lower puts letters in lower case. The dotted capital I (U+0130) stays: Go
// would make it a plain i, and a pattern would match more than it says.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 'İ' {
			return r
		}
		return unicode.ToLower(r)
	}, s)
}
