// Package remote has functions run somewhere else: behind any endpoint that
// answers Lambda's Invoke action, such as `sam local start-lambda` or Lambda
// itself.
//
// A [Runner] is a lambda.Runner. One call is one attempt. Signatures are made with
// the credentials of the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
// AWS_SESSION_TOKEN), or with made-up ones.
//
// # Limits
//
// 15 min for a call, the longest that a function may run: the endpoint enforces the
// function's own time-out, and may have to start a container first. Invocations
// are not counted here; a request id of the caller's is not passed on.
//
// # Errors
//
// Besides those of lambda.Invoker: an endpoint that cannot be reached or refuses
// is an error that names it.
package remote

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"bellhop/localdev/lambda"
	"bellhop/localdev/sdk"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

const callWithin = 15 * time.Minute

// Endpoint is where functions are invoked. It is safe for concurrent use. Close
// it.
type Endpoint struct {
	url    string
	http   *sdk.Client
	client *awslambda.Client
}

// NewEndpoint makes an Endpoint of a URL such as http://127.0.0.1:3001.
func NewEndpoint(url, region string) *Endpoint {
	c := sdk.NewClient(callWithin)
	return &Endpoint{url: url, http: c, client: awslambda.New(awslambda.Options{
		Region: region, BaseEndpoint: aws.String(url), HTTPClient: c, Credentials: signer(os.Getenv), Retryer: aws.NopRetryer{},
	})}
}

func signer(getenv func(string) string) aws.CredentialsProvider {
	if id := getenv("AWS_ACCESS_KEY_ID"); id != "" {
		return credentials.NewStaticCredentialsProvider(id, getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN"))
	}
	return sdk.Credentials()
}

// Close ends idle connections.
func (e *Endpoint) Close() { e.http.CloseIdleConnections() }

// Runner runs one function. It is safe for concurrent use.
type Runner struct {
	endpoint *Endpoint
	function string
}

var _ lambda.Runner = (*Runner)(nil)

// Runner makes a Runner of the function that answers to the name there: for `sam
// local start-lambda` its logical id.
func (e *Endpoint) Runner(function string) *Runner { return &Runner{endpoint: e, function: function} }

// Invoke calls the function.
func (r *Runner) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	call := lambda.FromContext(ctx)
	in := &awslambda.InvokeInput{FunctionName: &r.function, Payload: payload}
	if len(call.ClientContext) > 0 {
		in.ClientContext = aws.String(base64.StdEncoding.EncodeToString(call.ClientContext))
	}
	out, err := r.endpoint.client.Invoke(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("invoke %s at %s: %w", r.function, r.endpoint.url, errors.Join(kind(err), err))
	}
	if out.FunctionError != nil {
		return nil, failure(out.Payload)
	}
	return out.Payload, nil
}

// kind finds which of the Invoker's errors it is, if any.
func kind(err error) error {
	if notFound := (*types.ResourceNotFoundException)(nil); errors.As(err, &notFound) {
		return lambda.ErrNotFound
	}
	if throttled := (*types.TooManyRequestsException)(nil); errors.As(err, &throttled) {
		return lambda.ErrThrottled
	}
	return nil
}

func failure(payload []byte) *lambda.FunctionError {
	var said struct {
		Message string `json:"errorMessage"`
		Type    string `json:"errorType"`
	}
	if err := json.Unmarshal(payload, &said); err != nil {
		said.Message = "the function failed without a document"
	}
	return &lambda.FunctionError{Type: said.Type, Message: said.Message, Payload: payload}
}
