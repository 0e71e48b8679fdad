package service

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"bellhop/localdev/gateway"
	"bellhop/localdev/lambda"

	"github.com/valyala/fasthttp"
)

// guarded says whether the path is one that asks for no credential: the page,
// which lets anybody sign in, and the APIs of AWS. Faults have a guard of their own.
func (s *Service) guarded(method, path string) bool {
	return strings.HasPrefix(path, lambda.PathPrefix) || isManagement(path) || s.demo.Matches(method, path)
}

// trusted says whether a request can come from this machine's user. A page of
// another site that has its own name lead here (DNS rebinding) passes for the
// same origin, but names that site in Host. One that just posts here names
// itself in Origin.
func (s *Service) trusted(ctx *fasthttp.RequestCtx) bool {
	host := string(ctx.Host())
	if !knownHost(host, s.o.Host) && !s.ofAPI(host) {
		return false
	}
	for key, value := range ctx.Request.Header.All() {
		if strings.EqualFold(string(key), "Origin") && !sameHost(string(value), host) {
			return false
		}
	}
	return true
}

// ofAPI says whether the host is one that an API of the template has on AWS:
// functions that run as processes call it by that, and no page can be there. A
// custom domain is the developer's own.
func (s *Service) ofAPI(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	return slices.ContainsFunc(s.gateways, func(g stage) bool {
		return strings.EqualFold(g.host, name) || slices.ContainsFunc(g.domains, func(d gateway.Domain) bool { return d.Leads(host) })
	})
}

// knownHost says whether a Host header names this machine: by an address, which
// nobody can make lead elsewhere, or by a name that is known to be its own.
func knownHost(host, own string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	switch name {
	case "localhost", "host.docker.internal", strings.ToLower(own):
		return name != ""
	}
	return strings.HasSuffix(name, ".localhost") // RFC 6761, section 6.3
}

func sameHost(origin, host string) bool {
	_, at, ok := strings.Cut(origin, "://")
	return ok && strings.EqualFold(at, host)
}
