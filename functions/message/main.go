// Command message serves the frames of clients.
package main

import (
	"context"

	"bellhop/shared/boot"
	"bellhop/shared/handler"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	deps := boot.Must(context.Background())
	lambda.Start(handler.NewMessage(deps, deps.Log()).Handle)
}
