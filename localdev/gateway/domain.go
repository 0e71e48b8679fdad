package gateway

import (
	"net"
	"regexp"
	"strings"
)

// Domain is a custom domain name with the mapping that leads to the stage: its
// address is wss://Name/Key, without the stage. Source: "Custom domain names for
// WebSocket APIs" and "API mappings" of the API Gateway Developer Guide.
type Domain struct {
	Name string // "ws.example.com"
	Key  string // ApiMappingKey; may be empty
}

// Leads tells whether a Host header names the domain: by itself, or with .localhost
// behind it, which browsers lead to this machine (RFC 6761, section 6.3). A port
// may follow.
func (d Domain) Leads(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.EqualFold(strings.TrimSuffix(strings.ToLower(host), ".localhost"), d.Name)
}

// mappingKey is what AWS takes as one; a slash is not among it.
var mappingKey = regexp.MustCompile(`^[A-Za-z0-9$\-_.+!*'()]{0,300}$`)

// domainName is the custom domain that a Host header names, "" for none.
func (a *API) domainName(host string) string {
	for _, d := range a.Domains {
		if d.Leads(host) {
			return d.Name
		}
	}
	return ""
}

// bases are what may stand before /@connections: the stage or nothing; for a custom
// domain its keys, and never the stage.
func (a *API) bases(host string) []string {
	if a.domainName(host) == "" {
		return []string{"", "/" + a.Stage}
	}
	var keys []string
	for _, d := range a.Domains {
		if d.Leads(host) {
			keys = append(keys, strings.TrimSuffix("/"+d.Key, "/"))
		}
	}
	return keys
}

// unknown tells whether the API is not to be had by this host.
func (a *API) unknown(host string) bool { return a.EndpointDisabled && a.domainName(host) == "" }
