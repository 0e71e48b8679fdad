package fault

import (
	"encoding/json"
	"net"
	"net/url"
	"strings"

	"bellhop/localdev/assets"

	"github.com/valyala/fasthttp"
)

// Path is where the API is.
const Path = "/_faults"

// API changes the faults of a running service:
//
//	GET    /_faults          the plan and what it has planted so far
//	PUT    /_faults          a plan in place of the one before
//	DELETE /_faults          no more faults
//	POST   /_faults/cut      cuts the TCP connection of every client
//	POST   /_faults/vanish   lets clients vanish: {"connections": ["…"]}, all without
//
// Errors are {"message": …}: 400 for a bad plan, 403 for who may not, 404, 405.
// It answers this machine alone, and no page of another site: the address of the
// client and the Host header must be the loopback's, and what a browser says
// about the request's origin must be the service itself.
type API struct {
	Injector *Injector
	Cut      func() int                  // cuts all connections and says how many
	Vanish   func(ids []string) []string // lets these vanish, or all, and says which did
}

// Matches reports whether a path is the API's.
func Matches(path string) bool {
	return path == Path || strings.HasPrefix(path, Path+"/")
}

// Serve answers a request to a path that Matches.
func (a *API) Serve(ctx *fasthttp.RequestCtx) {
	if !local(ctx) {
		refuse(ctx, fasthttp.StatusForbidden, "only this machine may plant faults, and no page of another site")
		return
	}
	switch method, path := string(ctx.Method()), string(ctx.Path()); {
	case path == Path && method == fasthttp.MethodGet:
		answer(ctx, a.Injector.State())
	case path == Path && method == fasthttp.MethodPut:
		a.put(ctx)
	case path == Path && method == fasthttp.MethodDelete:
		a.Injector.Clear()
		ctx.SetStatusCode(fasthttp.StatusNoContent)
	case path == Path+"/cut" && method == fasthttp.MethodPost:
		answer(ctx, map[string]int{"cut": a.Cut()})
	case path == Path+"/vanish" && method == fasthttp.MethodPost:
		a.vanish(ctx)
	case path == Path || path == Path+"/cut" || path == Path+"/vanish":
		refuse(ctx, fasthttp.StatusMethodNotAllowed, "Method Not Allowed")
	default:
		refuse(ctx, fasthttp.StatusNotFound, "Not Found")
	}
}

func (a *API) put(ctx *fasthttp.RequestCtx) {
	plan, err := Parse(ctx.PostBody())
	if err == nil {
		err = a.Injector.Set(plan)
	}
	if err != nil {
		refuse(ctx, fasthttp.StatusBadRequest, err.Error())
		return
	}
	answer(ctx, a.Injector.State())
}

func (a *API) vanish(ctx *fasthttp.RequestCtx) {
	var request struct {
		Connections []string `json:"connections"`
	}
	if body := ctx.PostBody(); len(body) > 0 {
		if err := json.Unmarshal(body, &request); err != nil {
			refuse(ctx, fasthttp.StatusBadRequest, `want {"connections": ["…"]} or nothing`)
			return
		}
	}
	answer(ctx, map[string][]string{"vanished": append([]string{}, a.Vanish(request.Connections)...)})
}

// local reports whether a request comes from this machine, and from no page of
// another site. The Host header is looked at because a name of somebody else's
// may lead to this machine, too.
func local(ctx *fasthttp.RequestCtx) bool {
	if !ctx.RemoteIP().IsLoopback() || !loopbackHost(string(ctx.Host())) || assets.OtherSite(ctx) {
		return false
	}
	origin := assets.Header(ctx, "Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == string(ctx.Host())
}

func loopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func answer(ctx *fasthttp.RequestCtx, v any) {
	body, err := json.Marshal(v)
	if err != nil { // plans always marshal
		body = []byte("{}")
	}
	ctx.SetContentType("application/json")
	ctx.SetBody(body)
}

func refuse(ctx *fasthttp.RequestCtx, status int, message string) {
	answer(ctx, map[string]string{"message": message})
	ctx.SetStatusCode(status)
}
