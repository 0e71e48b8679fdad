// Command disconnect forgets a connection on the $disconnect route.
package main

import (
	"context"

	"bellhop/shared/boot"
	"bellhop/shared/handler"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	deps := boot.Must(context.Background())
	lambda.Start(handler.NewDisconnect(deps).Handle)
}
