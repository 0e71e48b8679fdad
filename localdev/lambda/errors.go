package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/valyala/fasthttp"
)

// serviceError is a refusal of the Lambda service, as SDKs read it: the type in
// a header, the rest as JSON.
type serviceError struct {
	status  int
	code    string // X-Amzn-ErrorType
	kind    string // "User" or "Service": whose fault it is
	reason  string // of throttling; else ""
	message string
}

func (e *serviceError) Error() string { return e.code + ": " + e.message }

var (
	errUnknownOperation = &serviceError{
		fasthttp.StatusNotFound, "UnknownOperationException", "User", "",
		"no such operation",
	}
	errNotJSON = &serviceError{
		fasthttp.StatusBadRequest, "InvalidRequestContentException", "User", "",
		"Could not parse request body into json",
	}
	errClientContext = &serviceError{
		fasthttp.StatusBadRequest, "InvalidRequestContentException", "User", "",
		"Client context must be a valid Base64-encoded JSON object.",
	}
	errQualifierConflict = &serviceError{
		fasthttp.StatusBadRequest, "InvalidParameterValueException", "User", "",
		"The derived qualifier from the function name does not match the specified qualifier.",
	}
	errThrottled = &serviceError{
		fasthttp.StatusTooManyRequests, "TooManyRequestsException", "User",
		"ReservedFunctionConcurrentInvocationLimitExceeded", "Rate Exceeded.",
	}
	errQueueFull = &serviceError{
		fasthttp.StatusTooManyRequests, "TooManyRequestsException", "User",
		"CallerRateLimitExceeded", "Rate Exceeded.",
	}
	errInternal = &serviceError{
		fasthttp.StatusInternalServerError, "ServiceException", "Service", "",
		"The function could not be invoked.",
	}
)

func tooLarge(size int, kind string, limit int) error {
	return &serviceError{
		fasthttp.StatusRequestEntityTooLarge, "RequestTooLargeException", "User", "",
		fmt.Sprintf("%d byte payload is too large for the %s invocation type (limit %d bytes)", size, kind, limit),
	}
}

func invalidParameter(name, value, rule string) error {
	return &serviceError{
		fasthttp.StatusBadRequest, "ValidationException", "User", "",
		fmt.Sprintf("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy: %s", value, name, rule),
	}
}

// notFound names the function by the ARN that it would have beside the others.
func (a *API) notFound(name string) error {
	arn := name
	if functions := a.registry.Functions(); len(functions) > 0 && !strings.Contains(name, "function:") {
		own := functions[0].Spec
		if prefix, ok := strings.CutSuffix(own.ARN, own.Name); ok {
			arn = prefix + name
		}
	}
	return &serviceError{fasthttp.StatusNotFound, "ResourceNotFoundException", "User", "", "Function not found: " + arn}
}

// asServiceError turns whatever stopped a call into what the caller may know.
func asServiceError(err error) *serviceError {
	var own *serviceError
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, ErrThrottled):
		return errThrottled
	case errors.Is(err, ErrQueueFull):
		return errQueueFull
	}
	return errInternal
}

// writeError answers with err. SDKs read "message" in either case; Lambda says
// "Message" for functions not found and "message" otherwise.
func writeError(ctx *fasthttp.RequestCtx, err error) {
	e := asServiceError(err)
	key := "message"
	if e.status == fasthttp.StatusNotFound {
		key = "Message"
	}
	doc := map[string]string{"Type": e.kind, key: e.message}
	if e.reason != "" {
		doc["Reason"] = e.reason
	}
	b, err := json.Marshal(doc)
	if err != nil { // strings always marshal
		b = []byte("{}")
	}
	ctx.SetStatusCode(e.status)
	ctx.Response.Header.Set("X-Amzn-ErrorType", e.code)
	ctx.SetContentType("application/json")
	ctx.SetBody(b)
}
