// Command sweep closes connections whose session has ended.
package main

import (
	"context"

	"bellhop/shared/boot"
	"bellhop/shared/handler"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	deps := boot.Must(context.Background())
	lambda.Start(handler.NewSweep(deps).Handle)
}
