// Package apigw pushes through API Gateway's management API (@connections),
// with the AWS SDK.
//
// Connections are reached at the endpoint of their stage, or all at one
// endpoint where AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI or AWS_ENDPOINT_URL
// names one. HTTP connections are kept and reused. One call is one attempt:
// push.Engine tries again.
//
// Source: API Gateway Developer Guide, "Use @connections commands in your
// backend service".
package apigw

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"bellhop/shared/push"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Gateway is a push.Gateway over the management API.
type Gateway struct {
	config  aws.Config
	clients sync.Map // endpoint → *apigatewaymanagementapi.Client
}

var _ push.Gateway = (*Gateway)(nil)

// New returns a Gateway with the credentials and settings of config.
func New(config aws.Config) *Gateway { return &Gateway{config: config} }

// Post is PostToConnection.
func (g *Gateway) Post(ctx context.Context, to push.Address, data []byte) error {
	_, err := g.client(to.Endpoint).PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{
		ConnectionId: aws.String(to.Connection), Data: data,
	})
	return failure("post to", to, err)
}

// Close is DeleteConnection.
func (g *Gateway) Close(ctx context.Context, to push.Address) error {
	_, err := g.client(to.Endpoint).DeleteConnection(ctx, &apigatewaymanagementapi.DeleteConnectionInput{
		ConnectionId: aws.String(to.Connection),
	})
	return failure("close", to, err)
}

// client is that of the endpoint. An endpoint that the environment names takes
// the place of all.
func (g *Gateway) client(endpoint string) *apigatewaymanagementapi.Client {
	if c, ok := g.clients.Load(endpoint); ok {
		return c.(*apigatewaymanagementapi.Client)
	}
	client := apigatewaymanagementapi.NewFromConfig(g.config, func(o *apigatewaymanagementapi.Options) {
		o.Retryer = aws.NopRetryer{}
		if o.BaseEndpoint == nil {
			o.BaseEndpoint = aws.String(endpoint)
		}
	})
	c, _ := g.clients.LoadOrStore(endpoint, client)
	return c.(*apigatewaymanagementapi.Client)
}

// failure turns an SDK error into one of push's.
func failure(verb string, to push.Address, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s connection %s: %w", verb, to.Connection, errors.Join(kind(err), err))
}

func kind(err error) error {
	var response *smithyhttp.ResponseError
	var api smithy.APIError
	if errors.As(err, &response) {
		switch code := response.HTTPStatusCode(); {
		case code == http.StatusGone:
			return push.ErrGone
		case code == http.StatusRequestEntityTooLarge:
			return push.ErrTooLarge
		case code == http.StatusTooManyRequests:
			return push.ErrBusy
		case code >= http.StatusInternalServerError:
			return push.ErrUnavailable
		}
	}
	if errors.As(err, &api) {
		return nil // a refusal: no right, a malformed id
	}
	return push.ErrUnavailable // a broken connection, a time-out
}
