package lambda

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// PathPrefix is what the path of every request for API begins with.
const PathPrefix = "/2015-03-31/functions"

// APIOptions are the optional settings of an API. Nil or zero fields mean the
// defaults named.
type APIOptions struct {
	// Retries holds the wait before each further attempt of a failed
	// asynchronous event; nil means 1 min and 2 min, as on AWS, and an empty
	// slice no retries. A throttled attempt counts as a failed one (AWS retries
	// those for up to 6 h).
	Retries []time.Duration
	// QueueSize is how many asynchronous events wait or run at most; one more is
	// refused with 429. 0 means 1,000.
	QueueSize int
	// AsyncConcurrency is how many asynchronous events run at a time; 0 means 10.
	AsyncConcurrency int
	// Logger gets the loss of asynchronous events, never payloads; nil means
	// slog.Default().
	Logger *slog.Logger
}

func (o *APIOptions) withDefaults() APIOptions {
	out := APIOptions{}
	if o != nil {
		out = *o
	}
	if out.Retries == nil {
		out.Retries = []time.Duration{time.Minute, 2 * time.Minute}
	}
	if out.QueueSize <= 0 {
		out.QueueSize = 1000
	}
	if out.AsyncConcurrency <= 0 {
		out.AsyncConcurrency = 10
	}
	if out.Logger == nil {
		out.Logger = slog.Default()
	}
	return out
}

// API answers the Lambda service's HTTP API as far as invoking goes:
//
//	POST /2015-03-31/functions/{name}/invocations    Invoke
//	GET  /2015-03-31/functions/{name}                GetFunction
//	GET  /2015-03-31/functions/{name}/configuration  GetFunctionConfiguration
//	GET  /2015-03-31/functions/                      ListFunctions, on one page
//
// The name may be any that Registry knows, with a qualifier, percent-encoded.
// Signatures are not asked for. The server's MaxRequestBodySize must be above
// MaxPayload, so that the refusal of a larger one is Lambda's own.
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html.
type API struct {
	registry *Registry
	queue    *queue
}

// NewAPI makes an API over registry. Close it to end its queue. Options may be
// nil.
func NewAPI(registry *Registry, options *APIOptions) *API {
	return &API{registry: registry, queue: newQueue(options.withDefaults())}
}

// Close refuses further asynchronous events, runs the accepted ones to their
// end, their retries at once, and returns. When ctx ends first it gives them up
// and returns an error that wraps ctx.Err().
func (a *API) Close(ctx context.Context) error { return a.queue.close(ctx) }

// Serve is a fasthttp.RequestHandler.
func (a *API) Serve(ctx *fasthttp.RequestCtx) {
	id := NewRequestID()
	ctx.Response.Header.Set("x-amzn-RequestId", id)
	name, operation, ok := splitPath(string(ctx.URI().PathOriginal()))
	switch method := string(ctx.Method()); {
	case !ok:
		writeError(ctx, errUnknownOperation)
	case method == fasthttp.MethodPost && operation == "invocations":
		if err := a.invoke(ctx, name, id); err != nil {
			writeError(ctx, err)
		}
	case method == fasthttp.MethodGet && operation != "invocations":
		if err := a.describe(ctx, name, operation); err != nil {
			writeError(ctx, err)
		}
	default:
		writeError(ctx, errUnknownOperation)
	}
}

// splitPath takes a path apart, still percent-encoded, into the function's name
// and the operation on it: "" , "configuration" or "invocations".
func splitPath(path string) (name, operation string, ok bool) {
	rest, ok := strings.CutPrefix(path, PathPrefix)
	if !ok || rest != "" && rest[0] != '/' {
		return "", "", false
	}
	encoded, operation, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	name, err := url.PathUnescape(encoded)
	switch {
	case err != nil, name == "" && operation != "":
		return "", "", false
	case operation != "" && operation != "configuration" && operation != "invocations":
		return "", "", false
	}
	return name, operation, true
}

// invoke serves one Invoke.
func (a *API) invoke(ctx *fasthttp.RequestCtx, name, id string) error {
	f, call, err := a.target(ctx, name)
	if err != nil {
		return err
	}
	call.RequestID = id
	switch kind := header(ctx, "X-Amz-Invocation-Type"); kind {
	case "", "RequestResponse":
		return a.invokeSync(ctx, f, call)
	case "Event":
		return a.invokeAsync(ctx, f, call)
	case "DryRun":
		ctx.SetStatusCode(fasthttp.StatusNoContent)
		return nil
	default:
		return invalidParameter("invocationType", kind, "[Event, RequestResponse, DryRun]")
	}
}

// target finds the function by the path's name and the query's qualifier, which
// must not contradict each other.
func (a *API) target(ctx *fasthttp.RequestCtx, name string) (*Function, Invocation, error) {
	if !plainName(name, "-_.:$") {
		return nil, Invocation{}, invalidParameter("functionName", name, "a function name or ARN")
	}
	f, qualifier, err := a.registry.Find(name)
	if err != nil {
		return nil, Invocation{}, a.notFound(name)
	}
	if q := string(ctx.QueryArgs().Peek("Qualifier")); q != "" {
		switch {
		case !validQualifier(q):
			return nil, Invocation{}, invalidParameter("qualifier", q, "a version or an alias")
		case qualifier != "" && qualifier != q:
			return nil, Invocation{}, errQualifierConflict
		}
		qualifier = q
	}
	client, err := base64.StdEncoding.DecodeString(header(ctx, "X-Amz-Client-Context"))
	if err != nil || len(client) > 0 && !json.Valid(client) {
		return nil, Invocation{}, errClientContext
	}
	return f, Invocation{Qualifier: qualifier, ClientContext: client}, nil
}

func (a *API) invokeSync(ctx *fasthttp.RequestCtx, f *Function, call Invocation) error {
	payload, err := body(ctx, "RequestResponse", MaxPayload)
	if err != nil {
		return err
	}
	// Not the request's context: it is reused once this returns, and a function
	// that timed out may still run then.
	result, err := f.invoke(NewContext(context.Background(), call), payload)
	if failed := (*FunctionError)(nil); errors.As(err, &failed) {
		ctx.Response.Header.Set("X-Amz-Function-Error", "Unhandled")
		result, err = failed.Payload, nil
	}
	if err != nil {
		return err
	}
	if header(ctx, "X-Amz-Log-Type") == "Tail" {
		ctx.Response.Header.Set("X-Amz-Log-Result", "") // handlers here log to the terminal
	}
	ctx.Response.Header.Set("X-Amz-Executed-Version", latest)
	ctx.SetContentType("application/json")
	ctx.SetBody(result)
	return nil
}

func (a *API) invokeAsync(ctx *fasthttp.RequestCtx, f *Function, call Invocation) error {
	payload, err := body(ctx, "Event", MaxAsyncPayload)
	if err != nil {
		return err
	}
	if err := a.queue.add(event{function: f, call: call, payload: payload}); err != nil {
		return fmt.Errorf("queue event for %s: %w", f.Spec.Name, err)
	}
	ctx.SetStatusCode(fasthttp.StatusAccepted)
	return nil
}

// body returns a copy of the request's body, since the server reuses its own,
// after checking that it fits and is JSON.
func body(ctx *fasthttp.RequestCtx, kind string, limit int) ([]byte, error) {
	b := ctx.PostBody()
	if len(b) > limit {
		return nil, tooLarge(len(b), kind, limit)
	}
	if len(b) > 0 && !json.Valid(b) {
		return nil, errNotJSON
	}
	return bytes.Clone(b), nil
}

// header returns the request's header of that name in any spelling: the server
// keeps names as they were sent.
func header(ctx *fasthttp.RequestCtx, name string) string {
	for k, v := range ctx.Request.Header.All() {
		if len(k) == len(name) && strings.EqualFold(string(k), name) {
			return string(v)
		}
	}
	return ""
}
