package gateway

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"
)

// The AWS SDK takes the gateway for API Gateway, typed errors included.
func TestManagement_6_AWSSDK(t *testing.T) {
	e := start(t, setup{})
	c := e.connect(t, "User-Agent: Mozilla/5.0")
	sdk := apigatewaymanagementapi.New(apigatewaymanagementapi.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String("http://" + e.addr + "/live"),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""), RetryMaxAttempts: 1,
	})
	post := &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &c.id, Data: []byte("hello")}
	if _, err := sdk.PostToConnection(t.Context(), post); err != nil {
		t.Fatalf("PostToConnection: %v", err)
	}
	c.wantText("hello")
	got, err := sdk.GetConnection(t.Context(), &apigatewaymanagementapi.GetConnectionInput{ConnectionId: &c.id})
	if err != nil || *got.Identity.SourceIp != "127.0.0.1" || *got.Identity.UserAgent != "Mozilla/5.0" || got.ConnectedAt.IsZero() {
		t.Errorf("GetConnection: got %+v, %v", got, err)
	}
	big := &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &c.id, Data: make([]byte, 128<<10+1)}
	_, err = sdk.PostToConnection(t.Context(), big)
	if tooLarge := (*types.PayloadTooLargeException)(nil); !errors.As(err, &tooLarge) || aws.ToString(tooLarge.Message) != "Payload Too Large" {
		t.Errorf("too large: got %v", err)
	}
	if _, err := sdk.DeleteConnection(t.Context(), &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: &c.id}); err != nil {
		t.Errorf("DeleteConnection: %v", err)
	}
	c.wantClose(1000, "Connection Closed Normally")
	_, err = sdk.PostToConnection(t.Context(), post)
	if gone := (*types.GoneException)(nil); !errors.As(err, &gone) {
		t.Errorf("after the end: got %v, want GoneException", err)
	}
}
