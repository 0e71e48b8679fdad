package httpapi

import (
	"encoding/base64"
	"maps"
	"mime"
	"net"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/valyala/fasthttp"
)

// event is the request as a function sees it: payload format 2.0. It has the
// keys of aws-lambda-go's events.APIGatewayV2HTTPRequest, without that type's
// empty certificate. Absent values are omitted.
type event struct {
	Version         string            `json:"version"`
	RouteKey        string            `json:"routeKey"`
	RawPath         string            `json:"rawPath"`
	RawQueryString  string            `json:"rawQueryString"`
	Cookies         []string          `json:"cookies,omitempty"`
	Headers         map[string]string `json:"headers"`
	Query           map[string]string `json:"queryStringParameters,omitempty"`
	RequestContext  requestContext    `json:"requestContext"`
	Body            string            `json:"body,omitempty"`
	PathParameters  map[string]string `json:"pathParameters,omitempty"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	StageVariables  map[string]string `json:"stageVariables,omitempty"`
}

type requestContext struct {
	AccountID    string      `json:"accountId"`
	APIID        string      `json:"apiId"`
	DomainName   string      `json:"domainName"`
	DomainPrefix string      `json:"domainPrefix"`
	HTTP         httpContext `json:"http"`
	RequestID    string      `json:"requestId"`
	RouteKey     string      `json:"routeKey"`
	Stage        string      `json:"stage"`
	Time         string      `json:"time"`      // 02/Jan/2006:15:04:05 +0000
	TimeEpoch    int64       `json:"timeEpoch"` // ms
}

type httpContext struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

// requestInfo is what Serve found out before there is an event.
type requestInfo struct {
	id        string
	variables map[string]string
}

// event describes the request. It copies everything, for the server reuses its
// buffers. The path is told decoded and with its stage, as AWS does.
func (h *HTTPAPI) event(ctx *fasthttp.RequestCtx, r *route, info requestInfo) event {
	query := string(ctx.URI().QueryString())
	headers, cookies := headersOf(ctx)
	body, encoded := bodyOf(ctx, headers)
	e := event{
		Version:         "2.0",
		RouteKey:        r.key,
		RawPath:         decode(rawPath(ctx)),
		RawQueryString:  query,
		Cookies:         cookies,
		Headers:         headers,
		Query:           queryOf(query),
		RequestContext:  h.context(ctx, headers),
		Body:            body,
		PathParameters:  info.variables,
		IsBase64Encoded: encoded,
		StageVariables:  h.api.StageVariables,
	}
	e.RequestContext.RequestID = info.id
	e.RequestContext.RouteKey = r.key
	return e
}

// context is the part of the request's context that does not depend on the route.
func (h *HTTPAPI) context(ctx *fasthttp.RequestCtx, headers map[string]string) requestContext {
	now := h.options.Now().UTC()
	domain := h.domain(headers["host"])
	prefix, _, _ := strings.Cut(domain, ".")
	return requestContext{
		AccountID:    h.api.Account,
		APIID:        h.api.ID,
		DomainName:   domain,
		DomainPrefix: prefix,
		Stage:        h.api.Stage,
		Time:         now.Format("02/Jan/2006:15:04:05 -0700"),
		TimeEpoch:    now.UnixMilli(),
		HTTP: httpContext{
			Method:    string(ctx.Method()),
			Path:      decode(rawPath(ctx)),
			Protocol:  string(ctx.Request.Header.Protocol()),
			SourceIP:  ctx.RemoteIP().String(),
			UserAgent: headers["user-agent"],
		},
	}
}

// domain is the host that the client used, without its port.
func (h *HTTPAPI) domain(host string) string {
	if host == "" {
		return h.api.ID + ".execute-api." + h.api.Region + ".amazonaws.com"
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// headersOf returns the headers, names in lower case and repeated ones joined by
// commas, and the cookies, which are no header here. What belongs to the
// connection is left out, and the gateway's own headers are added.
func headersOf(ctx *fasthttp.RequestCtx) (headers map[string]string, cookies []string) {
	headers = map[string]string{"content-length": "0"}
	seen := map[string]bool{}
	for k, v := range ctx.Request.Header.AllInOrder() {
		name, value := strings.ToLower(string(k)), string(v)
		switch name {
		case "cookie":
			cookies = append(cookies, splitCookies(value)...)
			continue
		case "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade":
			continue
		}
		if seen[name] {
			value = headers[name] + "," + value
		}
		seen[name] = true
		headers[name] = value
	}
	maps.Copy(headers, forwarded(ctx, headers["x-forwarded-for"]))
	return headers, cookies
}

// forwarded are the headers by which the gateway tells where a request is from.
func forwarded(ctx *fasthttp.RequestCtx, before string) map[string]string {
	from := ctx.RemoteIP().String()
	if before != "" {
		from = before + ", " + from
	}
	_, port, _ := net.SplitHostPort(ctx.LocalAddr().String())
	scheme := "http"
	if ctx.IsTLS() {
		scheme = "https"
	}
	return map[string]string{"x-forwarded-for": from, "x-forwarded-port": port, "x-forwarded-proto": scheme}
}

func splitCookies(header string) []string {
	var out []string
	for c := range strings.SplitSeq(header, ";") {
		if c = strings.TrimSpace(c); c != "" {
			out = append(out, c)
		}
	}
	return out
}

// queryOf decodes a query string and joins repeated keys by commas. What is
// malformed stays as it is.
func queryOf(raw string) map[string]string {
	var out map[string]string
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		key, value = decodeQuery(key), decodeQuery(value)
		if out == nil {
			out = map[string]string{}
		}
		if before, ok := out[key]; ok {
			value = before + "," + value
		}
		out[key] = value
	}
	return out
}

func decodeQuery(s string) string {
	if out, err := url.QueryUnescape(s); err == nil {
		return out
	}
	return s
}

// bodyOf returns the body as text where its content type says that it is text,
// else in base64. That forms count as binary is AWS's doing. A body without a
// type is text if it can be.
func bodyOf(ctx *fasthttp.RequestCtx, headers map[string]string) (body string, encoded bool) {
	b := ctx.PostBody()
	if len(b) == 0 {
		return "", false
	}
	if isText(headers["content-type"]) && headers["content-encoding"] == "" && utf8.Valid(b) {
		return string(b), false
	}
	return base64.StdEncoding.EncodeToString(b), true
}

func isText(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	switch {
	case contentType == "":
		return true
	case err != nil && kind == "":
		return false
	case strings.HasPrefix(kind, "text/"), strings.HasSuffix(kind, "+json"), strings.HasSuffix(kind, "+xml"):
		return true
	}
	return kind == "application/json" || kind == "application/xml" || kind == "application/javascript"
}
