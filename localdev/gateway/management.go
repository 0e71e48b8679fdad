package gateway

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// ServeConnections is the management API: POST, GET and DELETE of
// /@connections/{id}, the id and the @ raw or percent-encoded, with the stage
// before it or without; by a custom domain, with the mapping's key before it. What
// else is before it is 403, as is a request without a signature (see
// Uncertain.Signatures).
func (g *Gateway) ServeConnections(ctx *fasthttp.RequestCtx) {
	host := string(ctx.Host())
	id, ok := connectionOf(ctx.Request.URI().PathOriginal(), g.api.bases(host))
	if !ok || g.api.unknown(host) {
		reject(403).write(ctx, "")
		return
	}
	if g.opts.Signatures != SignaturesIgnored {
		if refused := g.signed(ctx); refused != nil {
			refused.write(ctx, "")
			return
		}
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
		g.rejectionOf(err, id).write(ctx, "")
		return
	}
	ctx.Response.Header.Set("x-amzn-RequestId", newRequestUUID())
}

// connectionOf takes the id out of "{base}/@connections/{id}".
func connectionOf(path []byte, bases []string) (string, bool) {
	text, err := url.PathUnescape(string(path))
	if err != nil {
		return "", false
	}
	prefix, id, found := strings.Cut(text, "/@connections/")
	if !found || !slices.Contains(bases, prefix) {
		return "", false
	}
	return id, id != "" && !strings.Contains(id, "/")
}

func missingToken() *rejection {
	return &rejection{status: 403, message: "Missing Authentication Token", errorType: "MissingAuthenticationTokenException"}
}

// rejectionOf maps an error of Post, Get and Delete to its answer.
func (g *Gateway) rejectionOf(err error, id string) *rejection {
	switch {
	case errors.Is(err, ErrInvalidID):
		return &rejection{status: 400, message: "Invalid connectionId: " + id, errorType: "BadRequestException"}
	case errors.Is(err, ErrGone):
		// No body: SDKs take the type from the header.
		gone := &rejection{status: 410, errorType: "GoneException"}
		if g.opts.GoneBody {
			gone.message = "Gone"
		}
		return gone
	case errors.Is(err, ErrTooLarge):
		return &rejection{status: 413, message: "Payload Too Large", errorType: "PayloadTooLargeException"}
	case errors.Is(err, ErrLimit):
		return &rejection{status: 429, message: "Too Many Requests", errorType: "LimitExceededException"}
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
