package demo

import (
	"embed"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"bellhop/localdev/assets"
	"bellhop/localdev/lambda"
	"bellhop/shared/protocol"
)

//go:embed static
var static embed.FS

// Limits of the POST routes.
const (
	MaxBody = 256 << 10        // bytes
	timeout = 30 * time.Second // of an invocation
)

// Options are optional: zero fields mean the defaults named.
type Options struct {
	Users            []string // who may sign in; nil means ada, grace, linus, margaret
	SessionsFunction string   // any name that the Invoker knows; "" means bellhop-sessions
	PublishFunction  string   // as above; "" means bellhop-publish. The page shows it
	CookieName       string   // of the session; "" means sessionid
}

// Demo serves the page. It is safe for concurrent use and starts no goroutines.
type Demo struct {
	invoker lambda.Invoker
	options Options
	files   map[string]assets.File // by path
}

// New makes a Demo that invokes the functions through invoker.
func New(invoker lambda.Invoker, options Options) *Demo {
	if options.Users == nil {
		options.Users = []string{"ada", "grace", "linus", "margaret"}
	}
	defaultTo(&options.SessionsFunction, "bellhop-sessions")
	defaultTo(&options.PublishFunction, "bellhop-publish")
	defaultTo(&options.CookieName, "sessionid")
	return &Demo{invoker: invoker, options: options, files: assets.Load(static, "/", "/demo/static/")}
}

func defaultTo(value *string, otherwise string) {
	if *value == "" {
		*value = otherwise
	}
}

// Matches says whether the request is for the page: everything under /demo/,
// and / for reading. The path is without its query.
func (d *Demo) Matches(method, path string) bool {
	return strings.HasPrefix(path, "/demo/") || path == "/" && isRead(method)
}

func isRead(method string) bool {
	return method == fasthttp.MethodGet || method == fasthttp.MethodHead
}

// Serve answers one request; it is a fasthttp.RequestHandler. It does not mind
// how the client spells the names of headers, so that the server may run with
// DisableHeaderNamesNormalizing.
func (d *Demo) Serve(ctx *fasthttp.RequestCtx) {
	assets.Secure(ctx)
	handle, post := d.route(string(ctx.Path()))
	switch {
	case handle == nil:
		writeError(ctx, protocol.NewError(protocol.NotFound, "no such page"))
	case !post && !isRead(string(ctx.Method())):
		refuseMethod(ctx, "GET, HEAD")
	case post && !ctx.IsPost():
		refuseMethod(ctx, fasthttp.MethodPost)
	case post:
		if err := checkPost(ctx); err != nil {
			writeError(ctx, err)
			return
		}
		handle(ctx)
	default:
		handle(ctx)
	}
}

// route finds what serves the path, and whether it takes POST alone.
func (d *Demo) route(path string) (handle fasthttp.RequestHandler, post bool) {
	switch path {
	case "/demo/me":
		return d.me, false
	case "/demo/sign-in":
		return d.signIn, true
	case "/demo/sign-out":
		return d.signOut, true
	case "/demo/publish":
		return d.publish, true
	}
	if f, ok := d.files[path]; ok {
		return f.Serve, false
	}
	return nil, false
}

// me tells who may sign in, and who is signed in by the cookies of the browser.
func (d *Demo) me(ctx *fasthttp.RequestCtx) {
	user := string(ctx.Request.Header.Cookie(UserCookie))
	if len(ctx.Request.Header.Cookie(d.options.CookieName)) == 0 || !slices.Contains(d.options.Users, user) {
		user = ""
	}
	writeJSON(ctx, map[string]any{
		"users": d.options.Users, "user": user, "publishFunction": d.options.PublishFunction,
	})
}

// publish passes the request and its answer on as they are.
func (d *Demo) publish(ctx *fasthttp.RequestCtx) {
	answer, err := d.invoke(d.options.PublishFunction, slices.Clone(ctx.PostBody()))
	if err != nil {
		writeError(ctx, err)
		return
	}
	writeBody(ctx, answer)
}
