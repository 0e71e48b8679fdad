package service_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"testing"

	"bellhop/localdev/service"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"
	"github.com/coder/websocket"
)

// lines is a log's output, line by line; what nobody reads is dropped.
type lines chan []byte

func (l lines) Write(line []byte) (int, error) {
	select {
	case l <- append([]byte(nil), line...):
	default:
	}
	return len(line), nil
}

// connection waits for a line about a connection and returns its id.
func (l lines) connection(t *testing.T, message string) string {
	t.Helper()
	for ctx := within(t); ; {
		select {
		case line := <-l:
			var fields struct{ Msg, Connection string }
			if json.Unmarshal(line, &fields) == nil && fields.Msg == message {
				return fields.Connection
			}
		case <-ctx.Done():
			t.Fatalf("no line %q", message)
		}
	}
}

func (e *env) management(path string) *apigatewaymanagementapi.Client {
	return apigatewaymanagementapi.New(apigatewaymanagementapi.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + e.addr + path), HTTPClient: patient{e.http},
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""), RetryMaxAttempts: 1,
	})
}

func TestManagement_ByTheAWSSDK(t *testing.T) {
	log := make(lines, 100)
	e := start(t, service.Options{Logger: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	for _, path := range []string{"", "/live"} {
		t.Run("at"+path, func(t *testing.T) {
			sdk := e.management(path)
			c := e.raw(t, e.signIn("ada").Token)
			if err := c.Write(within(t), websocket.MessageText, []byte(`{"type":"ack","offset":1}`)); err != nil {
				t.Fatal(err)
			}
			id := log.connection(t, "acknowledged")

			post := &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: []byte("hello")}
			if _, err := sdk.PostToConnection(within(t), post); err != nil {
				t.Fatalf("post: %v", err)
			}
			if _, got, err := c.Read(within(t)); err != nil || string(got) != "hello" {
				t.Errorf("received: got %q, %v, want hello", got, err)
			}
			info, err := sdk.GetConnection(within(t), &apigatewaymanagementapi.GetConnectionInput{ConnectionId: &id})
			if err != nil || info.ConnectedAt == nil || info.Identity == nil || aws.ToString(info.Identity.SourceIp) != "127.0.0.1" {
				t.Errorf("get: got %+v, %v, want the address 127.0.0.1", info, err)
			}
			if _, err := sdk.DeleteConnection(within(t), &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: &id}); err != nil {
				t.Errorf("delete: %v", err)
			}
			if _, _, err := c.Read(within(t)); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
				t.Errorf("end: got %v, want close code 1000", err)
			}
			_, err = sdk.PostToConnection(within(t), post)
			if gone := (*types.GoneException)(nil); !errors.As(err, &gone) {
				t.Errorf("post after the end: got %v, want GoneException", err)
			}
			log.connection(t, "disconnected")
		})
	}
	id := "AAAAAAAAAAAAAAA="
	_, err := e.management("/other").PostToConnection(within(t), &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: []byte("x")})
	if forbidden := (*types.ForbiddenException)(nil); !errors.As(err, &forbidden) {
		t.Errorf("unknown stage: got %v, want ForbiddenException", err)
	}
}
