package origin

import "strings"

// pattern is one entry of a List.
type pattern struct {
	text   string
	any    bool   // "*"
	scheme string // "" for any scheme and port
	host   string // in lower case; with a dot in front for all hosts below it, too
	port   int    // with a scheme; noPort if neither the pattern nor the scheme has one
}

// noPort is the port of a URL that has none.
const noPort = -1

// parsePattern reads one pattern. A scheme that nothing follows but a path is
// a pattern without a host, as "localhost:8000" is: it matches nothing.
func parsePattern(text string) (pattern, error) {
	if text == "*" {
		return pattern{text: text, any: true}, nil
	}
	u, err := split(lower(text))
	if err != nil {
		return pattern{}, err
	}
	p := pattern{text: text, scheme: u.scheme, host: lower(u.host)}
	if p.scheme == "" {
		p.host, err = bareHost(text)
		return p, err
	}
	p.port, err = u.effectivePort()
	return p, err
}

// bareHost is the host of a pattern without a scheme, or the whole pattern if
// there is none in it: "::1" without brackets is found that way.
func bareHost(text string) (string, error) {
	u, err := split("//" + text)
	if u.host == "" {
		u.host = text
	}
	return lower(u.host), err
}

// matches reports whether the pattern matches an origin. The error is the
// origin's: it has a port that is none, and the pattern asks for it.
func (p pattern) matches(u url) (bool, error) {
	if p.any || u.host == "" {
		return p.any, nil
	}
	if p.scheme == "" {
		return p.matchesHost(u.host), nil
	}
	port, err := u.effectivePort()
	return err == nil && p.scheme == u.scheme && p.port == port && p.matchesHost(u.host), err
}

// matchesHost is Django's is_same_domain.
func (p pattern) matchesHost(host string) bool {
	if p.host == "" {
		return false
	}
	if p.host[0] == '.' && (strings.HasSuffix(host, p.host) || host == p.host[1:]) {
		return true
	}
	return p.host == host
}
