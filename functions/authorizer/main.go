// Command authorizer decides who may open a socket, on the $connect route.
package main

import (
	"context"

	"bellhop/shared/boot"
	"bellhop/shared/handler"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	deps := boot.Must(context.Background())
	lambda.Start(handler.NewAuthorize(deps).Handle)
}
