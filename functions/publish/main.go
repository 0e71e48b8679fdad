// Command publish brings notifications to users, for backends.
package main

import (
	"context"

	"bellhop/shared/boot"
	"bellhop/shared/handler"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	deps := boot.Must(context.Background())
	lambda.Start(handler.NewPublish(deps, deps.Log()).Handle)
}
