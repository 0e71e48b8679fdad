package integration

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"bellhop/localdev/gateway/expression"
	"bellhop/localdev/gateway/rawjson"
)

const maxResponse = 1 << 20

// endpoint is an HTTP backend.
type endpoint struct {
	client     http.Client
	method     string
	uri        string
	timeout    time.Duration
	parameters []parameter
	binary     bool
}

// parameter puts a value into the header, the querystring or the path.
type parameter struct{ place, name, source string }

var (
	parameterKey  = regexp.MustCompile(`^integration\.request\.(header|querystring|path)\.(.+)$`)
	stageVariable = regexp.MustCompile(`\$\{stageVariables\.(\w+)\}`)
)

func newEndpoint(s Spec, client *http.Client) (*endpoint, error) {
	e := &endpoint{method: s.Method, uri: s.URI, timeout: s.Timeout, binary: s.Binary}
	if client != nil {
		e.client = *client
	}
	e.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	e.client.Timeout = 0
	if e.method == "" || e.method == "ANY" {
		e.method = http.MethodPost
	}
	if !strings.HasPrefix(s.URI, "http://") && !strings.HasPrefix(s.URI, "https://") && !strings.HasPrefix(s.URI, "${") {
		return nil, fmt.Errorf("integration URI %q is neither http:// nor https://", s.URI)
	}
	for key, source := range s.Parameters {
		m := parameterKey.FindStringSubmatch(key)
		if m == nil || !knownSource(source) {
			return nil, fmt.Errorf("request parameter %q of %q is not supported", key, source)
		}
		e.parameters = append(e.parameters, parameter{m[1], m[2], source})
	}
	return e, nil
}

const bodySource = "route.request.body"

func knownSource(s string) bool {
	if rest, ok := strings.CutPrefix(s, bodySource); ok {
		_, err := expression.ParsePath(rest)
		return err == nil
	}
	if len(s) >= 2 && s[0] == '\'' && s[len(s)-1] == '\'' {
		return true
	}
	for _, prefix := range []string{"context.", "stageVariables.", "route.request.header.", "route.request.querystring."} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}

// value looks a parameter's source up. message must be valid JSON or nil.
func (p *parameter) value(message []byte, vars expression.Vars) string {
	if p.source[0] == '\'' {
		return p.source[1 : len(p.source)-1]
	}
	if rest, ok := strings.CutPrefix(p.source, bodySource); ok {
		path, err := expression.ParsePath(rest)
		if err != nil {
			return "" // cannot be: newEndpoint parsed it
		}
		return string(rawjson.AppendString(nil, path.Find(message)))
	}
	return vars(p.source)
}

// request makes the HTTP request of a body.
func (e *endpoint) request(ctx context.Context, body []byte, r Request) (*http.Request, error) {
	if e.binary {
		decoded, err := base64.StdEncoding.DecodeString(string(body))
		if err != nil {
			return nil, fmt.Errorf("%w: the message is not base64", ErrFailed)
		}
		body = decoded
	}
	message := r.message
	if !json.Valid(message) {
		message = nil
	}
	uri := stageVariable.ReplaceAllStringFunc(e.uri, func(s string) string { return r.Vars(s[2 : len(s)-1]) })
	header, query := http.Header{}, url.Values{}
	for i := range e.parameters {
		switch p, value := &e.parameters[i], e.parameters[i].value(message, r.Vars); p.place {
		case "header":
			header.Set(p.name, value)
		case "querystring":
			query.Set(p.name, value)
		default:
			uri = strings.ReplaceAll(uri, "{"+p.name+"}", url.PathEscape(value))
		}
	}
	req, err := http.NewRequestWithContext(ctx, e.method, uri, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	for name, values := range query {
		q := req.URL.Query()
		q[name] = values
		req.URL.RawQuery = q.Encode()
	}
	if header.Get("Content-Type") == "" && len(body) > 0 {
		header.Set("Content-Type", "application/json")
	}
	req.Header = header
	return req, nil
}

// do asks the endpoint.
func (e *endpoint) do(ctx context.Context, body []byte, r Request) (said, error) {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	req, err := e.request(ctx, body, r)
	if err != nil {
		return said{}, err
	}
	response, err := e.client.Do(req)
	if err != nil {
		return said{}, e.failure(ctx, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxResponse+1))
	if err != nil {
		return said{}, e.failure(ctx, err)
	}
	if len(answer) > maxResponse {
		return said{}, fmt.Errorf("%w: the endpoint's answer has more than %d bytes", ErrFailed, maxResponse)
	}
	return said{status: response.StatusCode, body: answer, header: response.Header.Get}, nil
}

func (e *endpoint) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %s: %w", ErrTimedOut, e.method, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrUnreachable, e.method, err)
}

// ask is HTTP: the rendered request is body and message at once.
func (e *endpoint) ask(ctx context.Context, r Request) (said, error) { return e.do(ctx, r.Input, r) }

// httpProxy is an HTTP_PROXY integration.
type httpProxy struct{ *endpoint }

var _ Integration = (*httpProxy)(nil)

func (*httpProxy) WantsEvent() bool { return false }

func (p *httpProxy) Run(ctx context.Context, r Request) (Answer, error) {
	r.message = r.Input
	s, err := p.do(ctx, r.Input, r)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Status: s.status, Body: s.body, Protocol: s.header("Sec-WebSocket-Protocol")}, nil
}
