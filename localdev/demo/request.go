package demo

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"strings"

	"github.com/valyala/fasthttp"

	"bellhop/localdev/assets"
	"bellhop/localdev/lambda"
	"bellhop/shared/protocol"
)

// checkPost refuses what a page of another origin can send: a form cannot be
// application/json, and a script is betrayed by its Origin (RFC 6454 §7).
func checkPost(ctx *fasthttp.RequestCtx) *protocol.Error {
	mediaType, _, err := mime.ParseMediaType(string(ctx.Request.Header.ContentType()))
	switch {
	case err != nil || mediaType != "application/json":
		return protocol.NewError(protocol.InvalidRequest, "Content-Type: application/json is wanted")
	case !sameOrigin(assets.Header(ctx, "Origin"), string(ctx.Host())):
		return protocol.NewError(protocol.Forbidden, "this origin is not allowed")
	case len(ctx.PostBody()) > MaxBody:
		return protocol.NewError(protocol.TooLarge, "a body has at most 256 KB")
	case !json.Valid(ctx.PostBody()):
		return protocol.NewError(protocol.InvalidRequest, "the body is no JSON")
	}
	return nil
}

// sameOrigin compares host and port. The scheme may be either: a proxy that
// speaks TLS may stand before this server.
func sameOrigin(origin, host string) bool {
	return host != "" && (strings.EqualFold(origin, "http://"+host) || strings.EqualFold(origin, "https://"+host))
}

// invoke runs a function. The payload is the function's from then on. The
// context is not the request's, which is reused once Serve returns, while the
// function may still run.
func (d *Demo) invoke(function string, payload []byte) ([]byte, *protocol.Error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	answer, err := d.invoker.Invoke(ctx, function, payload)
	if err != nil {
		return nil, invokeError(function, err)
	}
	return answer, nil
}

// invokeError is what the page is told. The message of a function's error is
// not for it.
func invokeError(function string, err error) *protocol.Error {
	var failed *lambda.FunctionError
	switch {
	case errors.As(err, &failed):
		return protocol.NewError(protocol.Internal, "the function "+function+" failed with "+failed.Type)
	case errors.Is(err, lambda.ErrNotFound):
		return protocol.NewError(protocol.NotFound, "there is no function "+function)
	case errors.Is(err, lambda.ErrThrottled):
		return protocol.NewError(protocol.TooManyRequests, "the function "+function+" is throttled")
	case errors.Is(err, context.DeadlineExceeded):
		return protocol.NewError(protocol.Unavailable, "the function "+function+" took too long")
	}
	return protocol.NewError(protocol.Internal, "the function "+function+" could not be invoked")
}

func writeJSON(ctx *fasthttp.RequestCtx, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		writeError(ctx, protocol.NewError(protocol.Internal, "the answer could not be written"))
		return
	}
	writeBody(ctx, body)
}

func writeBody(ctx *fasthttp.RequestCtx, body []byte) {
	ctx.Response.Header.Set("Cache-Control", "no-store")
	ctx.SetContentType("application/json")
	ctx.SetBody(body)
}

func writeError(ctx *fasthttp.RequestCtx, e *protocol.Error) {
	writeJSON(ctx, map[string]*protocol.Error{"error": e})
	ctx.SetStatusCode(e.Code.Status())
}

func refuseMethod(ctx *fasthttp.RequestCtx, allow string) {
	writeError(ctx, protocol.NewError(protocol.InvalidRequest, "use "+allow+" here"))
	ctx.SetStatusCode(fasthttp.StatusMethodNotAllowed)
	ctx.Response.Header.Set("Allow", allow)
}
