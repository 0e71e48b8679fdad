package mask

import (
	"slices"
	"strings"
)

// kind says how a value is masked, by the name that it has.
type kind int

const (
	plain         kind = iota // only what has a credential's form
	secret                    // whole
	cookies                   // all but the cookies' names
	authorization             // all but the scheme
	subprotocols              // those that are credentials
)

// parts are what names of credentials hold, in any case, whatever joins their words.
var parts = []string{
	"token", "secret", "passw", "passphrase", "apikey", "accesskey", "privatekey", "credential", "bearer", "sessionid", "signature", "csrf", "xsrf",
	"usageidentifierkey", "identitysource",
}

// names are names of credentials that are too short to be looked for within one.
var names = []string{"ticket", "tickets", "auth", "pwd", "pin", "otp", "sid", "jwt"}

// joints are what joins the words of a name.
var joints = strings.NewReplacer("-", "", "_", "", ".", "", " ", "", "[", "", "]", "")

func kindOf(name string) kind {
	name = joints.Replace(strings.ToLower(name))
	switch {
	case strings.Contains(name, "cookie"):
		return cookies
	case strings.Contains(name, "authorization"):
		return authorization
	case name == "secwebsocketprotocol":
		return subprotocols
	case slices.Contains(names, name), slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(name, part) }):
		return secret
	}
	return plain
}

// masked masks the value of a name of this kind.
func (m masker) masked(as kind, value string) string {
	switch {
	case value == "":
		return ""
	case as == plain:
		return m.text(value)
	case as == cookies && strings.Contains(value, "="):
		return maskCookies(value)
	case as == authorization:
		return maskAuthorization(value)
	case as == subprotocols:
		return maskSubprotocols(value)
	}
	return Masked
}

// maskCookies keeps the names of a Cookie header (RFC 6265, §4.2).
func maskCookies(value string) string {
	pairs := strings.Split(value, ";")
	for i, pair := range pairs {
		if name, _, ok := strings.Cut(pair, "="); ok {
			pairs[i] = name + "=" + Masked
		} else {
			pairs[i] = Masked
		}
	}
	return strings.Join(pairs, ";")
}

// schemes are those of RFC 9110, §11, that are worth telling.
var schemes = []string{"bearer", "basic", "digest", "aws4-hmac-sha256"}

func maskAuthorization(value string) string {
	scheme, _, ok := strings.Cut(value, " ")
	if ok && slices.Contains(schemes, strings.ToLower(scheme)) {
		return scheme + " " + Masked
	}
	return Masked
}

// longestProtocol is longer than the name of any subprotocol that is registered
// (IANA, WebSocket Subprotocol Name Registry) and short for a token.
const longestProtocol = 40

// maskSubprotocols keeps the names of protocols. Clients put a token behind a
// name that says so, or make it a name of its own.
func maskSubprotocols(value string) string {
	list := strings.Split(value, ",")
	hidden := false
	for i, item := range list {
		name := strings.TrimSpace(item)
		if hidden || len(name) > longestProtocol || patterns(name) != name {
			list[i] = item[:len(item)-len(strings.TrimLeft(item, " "))] + maskSubprotocol(name)
		}
		hidden = kindOf(name) != plain
	}
	return strings.Join(list, ",")
}

func maskSubprotocol(name string) string {
	if i := strings.Index(name, bearerProtocol); i >= 0 {
		return name[:i+len(bearerProtocol)] + Masked
	}
	return Masked
}

// bearerProtocol stands before the token in bellhop.bearer.<token> and its like.
const bearerProtocol = ".bearer."
