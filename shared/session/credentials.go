package session

import (
	"encoding/base64"
	"net/http"
	"strings"

	"bellhop/shared/protocol"
)

// MaxCredential is how many bytes of a token or ticket are looked at; a longer
// one is no credential.
const MaxCredential = 4096

// Request holds the places of a request where a credential may be. All are the
// client's own words.
type Request struct {
	Authorization string   // header, RFC 6750 §2.1
	Protocols     []string // Sec-WebSocket-Protocol, all elements
	Ticket        string   // query parameter "ticket"
	Cookies       []string // Cookie headers, RFC 6265 §4.2
}

// Source says where a credential came from.
type Source string

// The sources, in the order in which they count: what a page sends on purpose
// comes before the cookie, which a browser sends by itself.
const (
	FromHeader      Source = "authorization"
	FromSubprotocol Source = "subprotocol"
	FromTicket      Source = "ticket"
	FromCookie      Source = "cookie"
)

// Credential is a token, or a ticket if Source is FromTicket.
type Credential struct {
	Secret string
	Source Source
}

// Find takes the first credential of the request. A place that holds a
// malformed one counts as a credential that nobody has, so that a request never
// falls back to a weaker place; false says that no place holds any.
func Find(r Request, cookieName string) (Credential, bool) {
	if scheme, token, _ := strings.Cut(r.Authorization, " "); strings.EqualFold(scheme, "Bearer") {
		return bounded(strings.TrimSpace(token), FromHeader), true
	}
	for _, p := range r.Protocols {
		if encoded, ok := strings.CutPrefix(p, protocol.BearerSubprotocol); ok {
			token, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(encoded, "="))
			if err != nil {
				token = nil
			}
			return bounded(string(token), FromSubprotocol), true
		}
	}
	if r.Ticket != "" {
		return bounded(r.Ticket, FromTicket), true
	}
	if value, ok := cookie(r.Cookies, cookieName); ok {
		return bounded(value, FromCookie), true
	}
	return Credential{}, false
}

// cookie is the last cookie of the name, as in Django.
func cookie(headers []string, name string) (value string, ok bool) {
	r := http.Request{Header: http.Header{"Cookie": headers}}
	for _, c := range r.CookiesNamed(name) {
		value, ok = c.Value, true
	}
	return value, ok && value != ""
}

func bounded(secret string, from Source) Credential {
	if len(secret) > MaxCredential {
		secret = ""
	}
	return Credential{Secret: secret, Source: from}
}

// SplitList splits a comma-separated header such as Sec-WebSocket-Protocol.
func SplitList(header string) []string {
	var list []string
	for _, word := range strings.Split(header, ",") {
		if word = strings.TrimSpace(word); word != "" {
			list = append(list, word)
		}
	}
	return list
}
