// Package boot makes a function's dependencies on AWS: configuration from the
// environment, SDK clients, logger. It is the only package that may end the
// process.
//
// SDK endpoints come from the SDK's own variables (AWS_ENDPOINT_URL_DYNAMODB,
// AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI); nothing is hard-wired.
package boot

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"bellhop/shared/apigw"
	"bellhop/shared/config"
	"bellhop/shared/handler"
	"bellhop/shared/store/dynamostore"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Must makes the dependencies, or logs every fault and ends the process with
// status 1. It is for main functions only.
func Must(ctx context.Context) handler.Deps {
	deps, err := New(ctx, os.Getenv)
	if err != nil {
		slog.ErrorContext(ctx, "start failed", "error", err)
		os.Exit(1)
	}
	return deps
}

// New makes the dependencies from the environment that getenv gives and from
// the SDK's own.
func New(ctx context.Context, getenv func(string) string) (handler.Deps, error) {
	settings, err := config.Read(getenv)
	if err != nil {
		return handler.Deps{}, fmt.Errorf("read the environment: %w", err)
	}
	sdk, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithHTTPClient(buildableClient()))
	if err != nil {
		return handler.Deps{}, fmt.Errorf("load the SDK's settings: %w", err)
	}
	sdk.HTTPClient = httpClient{sdk.HTTPClient} // after AWS_CA_BUNDLE has had its effect
	store := dynamostore.New(dynamodb.NewFromConfig(sdk), dynamostore.Tables(settings.Tables))
	return handler.Deps{
		Config: settings, Inbox: store, Connections: store, Schedule: store, Sessions: store, Limits: store,
		Gateway: apigw.New(sdk), Region: sdk.Region,
		Logger: slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: settings.LogLevel})),
	}.With(), nil
}
