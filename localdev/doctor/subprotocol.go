package doctor

import (
	"strings"

	"bellhop/localdev/template"
)

// subprotocolHeader is the header by which a client offers subprotocols, and by
// which one of them is selected.
const subprotocolHeader = "sec-websocket-protocol"

// subprotocol wants $connect to select a subprotocol where clients can be seen to
// offer one: an authorizer reads the header.
func subprotocol(v view, tell teller) {
	for _, a := range v.apis {
		if !a.websocket || !v.offersSubprotocol(a) {
			continue
		}
		for _, r := range a.routes {
			if r.Key == "$connect" && v.selectsNone(r) {
				tell(r.Part, "", "clients offer a subprotocol, and nothing here selects one")
			}
		}
	}
}

func (v view) offersSubprotocol(a api) bool {
	for _, z := range a.authorizers {
		for _, source := range z.IdentitySources {
			if strings.EqualFold(source, "route.request.header."+subprotocolHeader) {
				return true
			}
		}
		if f, ok := v.function(z.Function); ok && mentionsSubprotocol(v.sources.of(f)) {
			return true
		}
	}
	return false
}

// selectsNone tells whether it can be seen that a route's integration does not
// return the header.
func (v view) selectsNone(r template.Route) bool {
	if r.Integration == nil || r.Integration.Type == "MOCK" {
		return r.Integration != nil
	}
	f, ok := v.function(r.Integration.Function)
	if !ok {
		return false
	}
	s := v.sources.of(f)
	return s.whole && !mentionsSubprotocol(s)
}

func mentionsSubprotocol(s source) bool {
	return strings.Contains(strings.ToLower(s.text), subprotocolHeader)
}
