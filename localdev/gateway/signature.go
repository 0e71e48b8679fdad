package gateway

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"bellhop/localdev/gateway/sigv4"

	"github.com/valyala/fasthttp"
)

// signed refuses a request without a Signature Version 4 for execute-api, in the
// Authorization header or in a presigned query. Whether the signature is right
// is looked at when Options.Signatures says so.
func (g *Gateway) signed(ctx *fasthttp.RequestCtx) *rejection {
	r := &sigv4.Request{
		Method: string(ctx.Method()), Host: string(ctx.Host()), Path: string(ctx.URI().PathOriginal()),
		Query: string(ctx.URI().QueryString()), Header: http.Header{}, Body: ctx.PostBody(),
	}
	for key, value := range ctx.Request.Header.All() {
		r.Header.Add(string(key), string(value))
	}
	signature, err := sigv4.Find(r, "execute-api")
	if err == nil && g.opts.Signatures == SignaturesVerified {
		err = signature.Verify(r, g.opts.Credentials, time.Now())
	}
	if wrong := (*sigv4.Error)(nil); errors.As(err, &wrong) {
		return &rejection{status: 403, message: wrong.Message, errorType: wrong.Type, why: "the signature is missing or not valid"}
	}
	return nil
}

// keyed checks the API key where $connect asks for one. It comes from a header,
// or from the authorizer's usageIdentifierKey.
func (h *handshake) keyed() *rejection {
	if !h.g.api.APIKeyRequired {
		return nil
	}
	key := h.headers.Last("x-api-key")
	if h.g.api.APIKeySelectionExpression == keyOfAuthorizer {
		key = h.usageKey
	}
	if key == "" || len(h.g.opts.APIKeys) > 0 && !slices.Contains(h.g.opts.APIKeys, key) {
		return reject(403).because("the API key is missing or not valid")
	}
	return nil
}

// The two expressions that say where API keys come from.
const (
	keyOfHeader     = "$request.header.x-api-key"
	keyOfAuthorizer = "$context.authorizer.usageIdentifierKey"
)
