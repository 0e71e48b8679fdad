package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// ServeConnections is the management API: POST, GET and DELETE of
// /@connections/{id}, the id and the @ raw or percent-encoded, with the stage
// before it or without. Another stage is 403, as is a request without a
// signature (see Options.AllowUnsigned).
func (g *Gateway) ServeConnections(ctx *fasthttp.RequestCtx) {
	id, ok := connectionOf(ctx.Request.URI().PathOriginal(), g.api.Stage)
	if !ok {
		reject(403).write(ctx, "")
		return
	}
	if refused := g.unsigned(ctx); refused != nil {
		refused.write(ctx, "")
		return
	}
	var err error
	switch string(ctx.Method()) {
	case fasthttp.MethodPost:
		err = g.Post(ctx, id, ctx.PostBody())
		ctx.SetStatusCode(200)
	case fasthttp.MethodDelete:
		err = g.Delete(ctx, id)
		ctx.SetStatusCode(204)
	case fasthttp.MethodGet:
		err = g.serveGet(ctx, id)
	default:
		missingToken().write(ctx, "")
		return
	}
	if err != nil {
		rejectionOf(err, id).write(ctx, "")
		return
	}
	ctx.Response.Header.Set("x-amzn-RequestId", newRequestUUID())
}

// connectionOf takes the id out of "[/stage]/@connections/{id}".
func connectionOf(path []byte, stage string) (string, bool) {
	text, err := url.PathUnescape(string(path))
	if err != nil {
		return "", false
	}
	prefix, id, found := strings.Cut(text, "/@connections/")
	if !found || prefix != "" && prefix != "/"+stage {
		return "", false
	}
	return id, id != "" && !strings.Contains(id, "/")
}

func missingToken() *rejection {
	return &rejection{status: 403, message: "Missing Authentication Token", errorType: "MissingAuthenticationTokenException"}
}

// unsigned refuses a request without a Signature Version 4 for execute-api, in
// the Authorization header or in a presigned query. The signature itself is not
// verified: there are no credentials here to verify it with.
func (g *Gateway) unsigned(ctx *fasthttp.RequestCtx) *rejection {
	if g.opts.AllowUnsigned {
		return nil
	}
	scope := authorizationHeader(ctx)
	switch {
	case bytes.HasPrefix(scope, []byte("AWS4-")):
	case ctx.QueryArgs().Has("X-Amz-Signature"):
		scope = ctx.QueryArgs().Peek("X-Amz-Credential")
	default:
		return missingToken()
	}
	if !bytes.Contains(scope, []byte("/execute-api/")) {
		return &rejection{
			status: 403, errorType: "InvalidSignatureException",
			message: "Credential should be scoped to correct service: 'execute-api'.",
		}
	}
	return nil
}

// authorizationHeader finds it in any spelling: the server keeps the client's.
func authorizationHeader(ctx *fasthttp.RequestCtx) []byte {
	for key, value := range ctx.Request.Header.All() {
		if strings.EqualFold(string(key), "Authorization") {
			return value
		}
	}
	return nil
}

// rejectionOf maps an error of Post, Get and Delete to its answer.
func rejectionOf(err error, id string) *rejection {
	switch {
	case errors.Is(err, ErrInvalidID):
		return &rejection{status: 400, message: "Invalid connectionId: " + id, errorType: "BadRequestException"}
	case errors.Is(err, ErrGone):
		// No body: SDKs take the type from the header.
		return &rejection{status: 410, errorType: "GoneException"}
	case errors.Is(err, ErrTooLarge):
		return &rejection{status: 413, message: "Payload Too Large", errorType: "PayloadTooLargeException"}
	case errors.Is(err, ErrLimit):
		return &rejection{status: 429, message: messageThrottled, errorType: "LimitExceededException"}
	}
	return reject(500)
}

// timeLayout is ISO 8601 with milliseconds, as GET answers.
const timeLayout = "2006-01-02T15:04:05.000Z"

func (g *Gateway) serveGet(ctx *fasthttp.RequestCtx, id string) error {
	info, err := g.Get(ctx, id)
	if err != nil {
		return err
	}
	type identity struct {
		SourceIP  string  `json:"sourceIp"`
		UserAgent *string `json:"userAgent"`
	}
	body, err := json.Marshal(struct {
		ConnectedAt  string   `json:"connectedAt"`
		Identity     identity `json:"identity"`
		LastActiveAt string   `json:"lastActiveAt"`
	}{iso(info.ConnectedAt), identity{info.SourceIP, info.UserAgent}, iso(info.LastActiveAt)})
	if err != nil {
		return err
	}
	ctx.SetContentType("application/json")
	ctx.SetBody(body)
	return nil
}

func iso(t time.Time) string { return t.UTC().Format(timeLayout) }
