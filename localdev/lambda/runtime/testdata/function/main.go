// Command function does what its event says, for the tests of package runtime.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do   string `json:"do"`
	Text string `json:"text"`
	Size int    `json:"size"`
	Wait string `json:"wait"` // URL that answers when the function may go on
}

type answer struct {
	Text        string   `json:"text,omitempty"`
	Process     int      `json:"process"`
	RequestID   string   `json:"request"`
	ARN         string   `json:"arn"`
	Client      string   `json:"client,omitempty"`
	Left        float64  `json:"left"` // s to the deadline
	Environment []string `json:"environment,omitempty"`
	Folder      string   `json:"folder"`
}

func main() {
	switch os.Getenv("INIT") {
	case "exit":
		os.Exit(3)
	case "error":
		api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/init/error"
		_, err := http.Post(api, "application/json", strings.NewReader(`{"errorMessage":"no table","errorType":"Extension.Broken"}`))
		fmt.Println("init error reported:", err)
		os.Exit(1)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, e event) (answer, error) {
	if e.Wait != "" {
		if err := wait(ctx, e.Wait); err != nil {
			return answer{}, err
		}
	}
	switch e.Do {
	case "error":
		return answer{}, errors.New(e.Text)
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(7)
	case "succeed and exit":
		os.Exit(0)
	case "hang":
		select {}
	case "print":
		fmt.Println(e.Text)
		fmt.Fprintln(os.Stderr, "to standard error")
		fmt.Println(`{"level":"ERROR","msg":"as slog writes it"}`)
	case "large":
		return answer{Text: strings.Repeat("x", e.Size)}, nil
	}
	return describe(ctx, e), nil
}

func describe(ctx context.Context, e event) answer {
	a := answer{Text: e.Text, Process: os.Getpid()}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		a.RequestID, a.ARN, a.Client = lc.AwsRequestID, lc.InvokedFunctionArn, lc.ClientContext.Custom["who"]
	}
	deadline, _ := ctx.Deadline()
	a.Left = time.Until(deadline).Seconds()
	a.Folder, _ = os.Getwd()
	if e.Do == "environment" {
		a.Environment = os.Environ()
	}
	return a
}

// wait asks the test for leave.
func wait(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return err
}
