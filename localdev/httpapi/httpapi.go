package httpapi

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"bellhop/localdev/lambda"
)

// Limits of HTTP APIs.
const (
	MaxBody    = 10 << 20              // request body, bytes
	MaxTimeout = 30 * time.Second      // of an integration; also the default
	MinTimeout = 50 * time.Millisecond // of an integration
)

// DefaultStage is the stage whose name is not in the path.
const DefaultStage = "$default"

// API describes an HTTP API, as a template does.
type API struct {
	ID      string // ten lower-case letters and digits
	Region  string // of the domain name that is told when the client sent no Host
	Account string // twelve digits
	// Stage is the one stage; "" means $default. Any other name is the first
	// segment of every path.
	Stage          string
	Routes         []Route
	StageVariables map[string]string // given to every function; may be nil
}

// Route is one route with its Lambda proxy integration.
type Route struct {
	// Key is "METHOD /path/{variable}", where METHOD may be ANY and the last
	// variable may be greedy ("{proxy+}"), or "$default".
	Key      string
	Function string        // any name that the Invoker knows
	Timeout  time.Duration // of the integration, 50 ms to 30 s; 0 means 30 s
	// Denied says that nothing lets API Gateway invoke the function: it is never
	// called, and requests get 500.
	Denied bool
}

// Options are optional. Nil or zero fields mean the defaults named. Functions are
// called concurrently.
type Options struct {
	Now       func() time.Time // the request's time; nil means time.Now
	RequestID func() string    // nil means 16 random characters, as on AWS
	Logger    *slog.Logger     // gets failed invocations, no payloads; nil means slog.Default()
}

// HTTPAPI serves one API.
type HTTPAPI struct {
	api     API
	routes  []route // best match first
	invoker lambda.Invoker
	options Options
}

// New checks api and prepares its routes. Faults in route keys and time-outs are
// errors, all told together. Options may be nil.
func New(api API, invoker lambda.Invoker, options *Options) (*HTTPAPI, error) {
	routes, err := parseRoutes(api.Routes)
	if err != nil {
		return nil, fmt.Errorf("HTTP API %s: %w", api.ID, err)
	}
	if api.Stage == "" {
		api.Stage = DefaultStage
	}
	h := &HTTPAPI{api: api, routes: routes, invoker: invoker}
	if options != nil {
		h.options = *options
	}
	if h.options.Now == nil {
		h.options.Now = time.Now
	}
	if h.options.RequestID == nil {
		h.options.RequestID = newRequestID
	}
	if h.options.Logger == nil {
		h.options.Logger = slog.Default()
	}
	return h, nil
}

// newRequestID makes an id of the form that API Gateway uses: 11 bytes in
// URL-safe base64 with padding.
func newRequestID() string {
	var b [11]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.URLEncoding.EncodeToString(b[:])
}

// Matches says whether some route serves the method and the path. The path is as
// the client sent it: with the stage, percent-encoded, without the query.
func (h *HTTPAPI) Matches(method, path string) bool {
	rest, ok := h.withoutStage(path)
	if !ok {
		return false
	}
	_, _, ok = find(h.routes, method, rest)
	return ok
}

// withoutStage takes the stage off the path, and says whether it was there.
func (h *HTTPAPI) withoutStage(path string) (string, bool) {
	if h.api.Stage == DefaultStage {
		return path, true
	}
	rest, ok := strings.CutPrefix(path, "/"+h.api.Stage)
	if rest == "" {
		rest += "/"
	}
	return rest, ok && rest[0] == '/'
}

// Serve answers one request; it is a fasthttp.RequestHandler.
func (h *HTTPAPI) Serve(ctx *fasthttp.RequestCtx) {
	id := h.options.RequestID()
	ctx.Response.Header.Set("apigw-requestid", id)
	path, ok := h.withoutStage(rawPath(ctx))
	if !ok {
		writeMessage(ctx, fasthttp.StatusNotFound)
		return
	}
	r, variables, ok := find(h.routes, string(ctx.Method()), path)
	switch {
	case !ok:
		writeMessage(ctx, fasthttp.StatusNotFound)
	case len(ctx.PostBody()) > MaxBody:
		writeMessage(ctx, fasthttp.StatusRequestEntityTooLarge)
	default:
		resp, err := h.integrate(ctx, r, requestInfo{id: id, variables: variables})
		if err != nil {
			h.options.Logger.Warn("http integration failed",
				"route", r.key, "function", r.function, "request", id, "error", reason(err))
			writeMessage(ctx, status(err))
			return
		}
		resp.write(ctx)
	}
}

// rawPath is the path as it was sent.
func rawPath(ctx *fasthttp.RequestCtx) string {
	path := ctx.URI().PathOriginal()
	if len(path) == 0 {
		return "/"
	}
	return string(path)
}

// integrate invokes the route's function. The context is not the request's,
// which is reused once Serve returns, while the function may still run.
func (h *HTTPAPI) integrate(ctx *fasthttp.RequestCtx, r *route, info requestInfo) (response, error) {
	if r.denied {
		return response{}, errDenied
	}
	payload, err := encodeJSON(h.event(ctx, r, info))
	if err != nil {
		return response{}, fmt.Errorf("encode event: %w", err)
	}
	limited, cancel := context.WithTimeout(context.Background(), r.timeout)
	defer cancel()
	result, err := h.invoker.Invoke(limited, r.function, payload)
	if err != nil {
		return response{}, err
	}
	return decodeResponse(result)
}

var errDenied = errors.New("no permission lets API Gateway invoke the function")

// encodeJSON leaves <, > and & as they are: functions may log events.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// status is what the client sees of err.
func status(err error) int {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, lambda.ErrThrottled) {
		return fasthttp.StatusServiceUnavailable
	}
	return fasthttp.StatusInternalServerError
}

// reason is what the log says of err: of a function error the type alone, since
// its message may quote the payload.
func reason(err error) string {
	if failed := (*lambda.FunctionError)(nil); errors.As(err, &failed) {
		return failed.Type
	}
	return err.Error()
}

// writeMessage answers with one of API Gateway's own messages.
func writeMessage(ctx *fasthttp.RequestCtx, status int) {
	ctx.SetStatusCode(status)
	ctx.SetContentType("application/json")
	ctx.SetBodyString(`{"message":"` + fasthttp.StatusMessage(status) + `"}`)
}
