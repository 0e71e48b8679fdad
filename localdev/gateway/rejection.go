package gateway

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/http"

	"bellhop/localdev/gateway/rawjson"

	"github.com/valyala/fasthttp"
)

// rejection is a handshake or a management request that was turned down.
type rejection struct {
	status    int
	message   string // "": no body
	errorType string // of header x-amzn-ErrorType
}

// reject makes the rejection with API Gateway's usual words for a status.
// AWS does not document the bodies of refused handshakes; these are the ones
// of its REST APIs.
func reject(status int) *rejection {
	r := &rejection{status: status, message: http.StatusText(status)}
	switch status {
	case 400:
		r.errorType = "BadRequestException"
	case 401:
		r.errorType = "UnauthorizedException"
	case 403:
		r.errorType = "ForbiddenException"
	case 429:
		r.errorType = "LimitExceededException"
	case 500, 502:
		r.message, r.errorType = messageInternal, "InternalServerErrorException"
	case 504:
		r.message, r.errorType = messageTimedOut, "InternalServerErrorException"
	}
	return r
}

// write answers the request. apigwID is the extended request id, "" for none.
func (r *rejection) write(ctx *fasthttp.RequestCtx, apigwID string) {
	h := &ctx.Response.Header
	ctx.SetStatusCode(r.status)
	h.Set("x-amzn-RequestId", newRequestUUID())
	if r.errorType != "" {
		h.Set("x-amzn-ErrorType", r.errorType)
	}
	if apigwID != "" {
		h.Set("x-amz-apigw-id", apigwID)
	}
	if r.message != "" {
		ctx.SetContentType("application/json")
		ctx.SetBody(append(rawjson.AppendQuoted([]byte(`{"message":`), r.message), '}'))
	}
}

// newRequestUUID makes a random UUID, the form of x-amzn-RequestId.
func newRequestUUID() string {
	raw := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(make([]byte, 0, 16), rand.Uint64()), rand.Uint64())
	raw[6] = raw[6]&0x0f | 0x40
	raw[8] = raw[8]&0x3f | 0x80
	text := make([]byte, 0, 36)
	for i, part := range [][]byte{raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}
