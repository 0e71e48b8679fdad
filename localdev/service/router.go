package service

import (
	"slices"
	"strings"

	"bellhop/localdev/fault"
	"bellhop/localdev/lambda"

	"github.com/valyala/fasthttp"
)

// SocketPath is where the template's first WebSocket API is, besides its
// address on AWS.
const SocketPath = "/ws/notifications/"

// route finds who serves a request, by its path.
func (s *Service) route(ctx *fasthttp.RequestCtx) {
	path := string(ctx.URI().PathOriginal())
	method := string(ctx.Method())
	switch {
	case s.guarded(method, path) && !s.trusted(ctx):
		refuse(ctx, fasthttp.StatusForbidden, "Forbidden")
	case s.serveDomain(ctx, path):
	case strings.HasPrefix(path, lambda.PathPrefix):
		s.invoke.Serve(ctx)
	case fault.Matches(path):
		s.faults.Serve(ctx)
	case isManagement(path):
		s.management(ctx, path)
	case path == SocketPath && len(s.gateways) > 0:
		s.gateways[0].gateway.ServeUpgrade(ctx)
	case s.demo != nil && s.demo.Matches(method, path):
		s.demo.Serve(ctx)
	case s.serveHTTPAPI(ctx, method, path):
	case s.serveStage(ctx, path):
	case isUpgrade(ctx):
		forbid(ctx) // an unknown stage, or a path after one
	default:
		refuse(ctx, fasthttp.StatusNotFound, "Not Found")
	}
}

func isUpgrade(ctx *fasthttp.RequestCtx) bool {
	for key, value := range ctx.Request.Header.All() {
		if strings.EqualFold(string(key), "Upgrade") && strings.EqualFold(string(value), "websocket") {
			return true
		}
	}
	return false
}

func forbid(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.Set("x-amzn-ErrorType", "ForbiddenException")
	refuse(ctx, fasthttp.StatusForbidden, "Forbidden")
}

func isManagement(path string) bool {
	return strings.Contains(path, "/@connections/") || strings.Contains(path, "/%40connections/")
}

// management serves by the stage before @connections; without one, the first
// API is meant. Of several APIs, the host that an API has on AWS tells which.
func (s *Service) management(ctx *fasthttp.RequestCtx, path string) {
	name := strings.Trim(path[:strings.Index(path, "connections/")-len("@")], "/%4")
	host := string(ctx.Host())
	byHost := slices.ContainsFunc(s.gateways, func(g stage) bool { return g.host == host })
	for _, g := range s.gateways {
		if (name == "" || name == g.name) && (!byHost || host == g.host) {
			g.gateway.ServeConnections(ctx)
			return
		}
	}
	forbid(ctx)
}

// serveDomain serves what comes by a custom domain: the mapping's key stands where
// the stage stands otherwise. A key that is none is 403.
func (s *Service) serveDomain(ctx *fasthttp.RequestCtx, path string) (served bool) {
	host := string(ctx.Host())
	for _, g := range s.gateways {
		for _, d := range g.domains {
			if !d.Leads(host) {
				continue
			}
			served = true
			switch rest, ok := strings.CutPrefix(path, strings.TrimSuffix("/"+d.Key, "/")); {
			case ok && isManagement(rest):
				g.gateway.ServeConnections(ctx)
				return true
			case ok && (rest == "" || rest == "/"):
				g.gateway.ServeUpgrade(ctx)
				return true
			}
		}
	}
	if served {
		forbid(ctx)
	}
	return served
}

func (s *Service) serveHTTPAPI(ctx *fasthttp.RequestCtx, method, path string) bool {
	for _, api := range s.https {
		if api.Matches(method, path) {
			api.Serve(ctx)
			return true
		}
	}
	return false
}

// serveStage serves a handshake at the address that the API has on AWS.
func (s *Service) serveStage(ctx *fasthttp.RequestCtx, path string) bool {
	name := strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	for _, g := range s.gateways {
		if name == g.name {
			g.gateway.ServeUpgrade(ctx)
			return true
		}
	}
	return false
}

func refuse(ctx *fasthttp.RequestCtx, status int, message string) {
	ctx.SetStatusCode(status)
	ctx.SetContentType("application/json")
	ctx.SetBodyString(`{"message":"` + message + `"}`)
}
