package httpapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"
	"golang.org/x/net/http/httpguts"
)

// errMalformed says that a function's result has a statusCode but not the form
// of a response.
var errMalformed = errors.New("malformed response")

// response is what the client gets of a function's result.
type response struct {
	status  int
	headers map[string]string // names in lower case
	cookies []string
	body    []byte
}

// decodeResponse reads a function's result in payload format 2.0. An object with
// a statusCode is a response: a body must be a string, headers scalars, cookies
// strings, and base64 must be right, else the error wraps errMalformed. Any other
// JSON is the body of a 200; of a string its text.
func decodeResponse(result []byte) (response, error) {
	if !json.Valid(result) {
		return response{}, fmt.Errorf("%w: not JSON", errMalformed)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(result, &fields); err != nil || fields["statusCode"] == nil {
		return bare(result), nil
	}
	var out response
	var err error
	if out.status, err = decodeStatus(fields["statusCode"]); err != nil {
		return response{}, err
	}
	if out.headers, err = decodeHeaders(fields["headers"]); err != nil {
		return response{}, err
	}
	if out.cookies, err = decodeCookies(fields["cookies"]); err != nil {
		return response{}, err
	}
	out.body, err = decodeBody(fields)
	return out, err
}

// bare is the response to a result that is no response itself.
func bare(result []byte) response {
	body := bytes.TrimSpace(result)
	var text string
	if body[0] == '"' && json.Unmarshal(body, &text) == nil {
		body = []byte(text)
	}
	return response{status: fasthttp.StatusOK, headers: map[string]string{"content-type": "application/json"}, body: body}
}

// decodeStatus takes a number, or a string with one, from 200 to 599.
func decodeStatus(raw json.RawMessage) (int, error) {
	n, err := strconv.Atoi(strings.Trim(string(raw), `"`))
	if err != nil || n < 200 || n > 599 {
		return 0, fmt.Errorf("%w: statusCode is not a number from 200 to 599", errMalformed)
	}
	return n, nil
}

// decodeHeaders takes strings, numbers and booleans as values.
func decodeHeaders(raw json.RawMessage) (map[string]string, error) {
	var values map[string]any
	if err := decodeField("headers", raw, &values); err != nil {
		return nil, err
	}
	out := make(map[string]string, len(values))
	for name, v := range values {
		switch v.(type) {
		case string, bool, json.Number:
		default:
			return nil, fmt.Errorf("%w: header %q is not a string, a number or a boolean", errMalformed, name)
		}
		text := fmt.Sprint(v)
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(text) {
			return nil, fmt.Errorf("%w: header %q has bytes that no header may have", errMalformed, name)
		}
		out[strings.ToLower(name)] = text
	}
	return out, nil
}

func decodeCookies(raw json.RawMessage) ([]string, error) {
	var out []string
	if err := decodeField("cookies", raw, &out); err != nil {
		return nil, err
	}
	for _, c := range out {
		if !httpguts.ValidHeaderFieldValue(c) {
			return nil, fmt.Errorf("%w: a cookie has bytes that no header may have", errMalformed)
		}
	}
	return out, nil
}

func decodeBody(fields map[string]json.RawMessage) ([]byte, error) {
	var text string
	var encoded bool
	if err := errors.Join(
		decodeField("body", fields["body"], &text),
		decodeField("isBase64Encoded", fields["isBase64Encoded"], &encoded),
	); err != nil {
		return nil, err
	}
	if !encoded {
		return []byte(text), nil
	}
	body, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: body is not base64", errMalformed)
	}
	return body, nil
}

// decodeField decodes a field into v; an absent or null one leaves v as it is.
// The error does not quote the value.
func decodeField(name string, raw json.RawMessage, v any) error {
	if raw == nil {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %s has the wrong type", errMalformed, name)
	}
	return nil
}

// write sends the response. Headers that frame the message are the server's
// business, not the function's.
func (r response) write(ctx *fasthttp.RequestCtx) {
	ctx.SetStatusCode(r.status)
	if len(r.body) > 0 {
		ctx.SetContentType("text/plain;charset=UTF-8") // unless a header says otherwise
	}
	for name, value := range r.headers {
		switch name {
		case "connection", "content-length", "date", "keep-alive", "server", "trailer", "transfer-encoding", "upgrade":
		default:
			ctx.Response.Header.Set(name, value)
		}
	}
	for _, c := range r.cookies {
		ctx.Response.Header.Add("set-cookie", c)
	}
	ctx.SetBody(r.body)
}
