package service

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"time"

	"bellhop/localdev/lambda"
	"bellhop/localdev/lambda/runtime"
	"bellhop/localdev/template"
	"bellhop/shared/config"
	"bellhop/shared/origin"
	"bellhop/shared/store/dynamostore"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// localOrigins are the patterns of origin.Local.
const localOrigins = "localhost,127.0.0.1,[::1]"

// madeUp is what the functions sign with: local engines look at no signature.
const madeUp = "local"

// createWithin is how long making the tables may take.
const createWithin = time.Minute

// binaries makes the template's functions of built binaries, each with its own
// environment, and the tables that they name.
func binaries(stack *template.Stack, o Options, watch watching) (*lambda.Registry, error) {
	if o.Addr == "" || o.DynamoDB == "" && len(stack.Tables) > 0 {
		return nil, errors.New("built functions need the address of this service and a DynamoDB endpoint")
	}
	var list []lambda.Function
	var errs []error
	tables := map[config.Tables]bool{}
	for _, f := range stack.Functions {
		fault := func(err error) {
			errs = append(errs, fmt.Errorf("%s:%d: %s: %w", stack.File, f.Line, f.LogicalID, err))
		}
		env := environment(stack, f, o)
		settings, err := config.Read(func(name string) string { return env[name] })
		if err != nil {
			fault(err)
			continue
		}
		tables[settings.Tables] = true
		runner, err := runtime.New(binaryOf(f, o.Binaries), specOf(f), runtime.Options{Env: env, Handler: f.Handler, Logger: o.Logger})
		if err != nil {
			fault(err)
			continue
		}
		list = append(list, lambda.Function{LogicalID: f.LogicalID, Spec: specOf(f), Runner: watch.runner(f.Name, f.LogicalID, runner)})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := createTables(stack, o.DynamoDB, tables); err != nil {
		return nil, err
	}
	return lambda.NewRegistry(list)
}

func specOf(f template.Function) lambda.Spec {
	return lambda.Spec{Name: f.Name, ARN: f.ARN, Timeout: f.Timeout, MemorySize: f.MemorySize}
}

// binaryOf is the bootstrap in the folder of the function's code, as `make
// build` names it, or in that of its logical id, as `sam build` does.
func binaryOf(f template.Function, folder string) string {
	byID := filepath.Join(folder, f.LogicalID, "bootstrap")
	if _, err := os.Stat(byID); err == nil {
		return byID
	}
	return filepath.Join(folder, path.Base(f.CodeURI), "bootstrap")
}

// environment is a function's own, with what makes it local: where DynamoDB and
// the management API are, credentials that are worth nothing, and local origins
// where it would have none.
func environment(stack *template.Stack, f template.Function, o Options) map[string]string {
	env := map[string]string{
		"AWS_ACCESS_KEY_ID": madeUp, "AWS_SECRET_ACCESS_KEY": madeUp, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ENDPOINT_URL_DYNAMODB": o.DynamoDB,
	}
	if stage, ok := firstStage(stack); ok {
		env["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"] = "http://" + reachable(o.Addr) + "/" + stage
	}
	maps.Copy(env, f.Environment)
	if patterns, set := env["ALLOWED_ORIGINS"]; set {
		if allowed, err := origin.Parse(patterns); err == nil && allowed.Empty() {
			env["ALLOWED_ORIGINS"] = localOrigins
		}
	}
	return env
}

// firstStage is the one whose management API the functions push through.
func firstStage(stack *template.Stack) (string, bool) {
	for _, api := range stack.WebSocketAPIs {
		for _, s := range api.Stages {
			return s.Name, true
		}
	}
	return "", false
}

// reachable is where a process of this machine reaches an address that is
// listened on.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

// createTables makes the tables that are not there yet.
func createTables(stack *template.Stack, endpoint string, named map[config.Tables]bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), createWithin)
	defer cancel()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := dynamodb.New(dynamodb.Options{
		Region: stack.Region, BaseEndpoint: aws.String(endpoint), HTTPClient: &http.Client{Transport: transport},
		Credentials: credentials.NewStaticCredentialsProvider(madeUp, madeUp, ""),
	})
	for tables := range named {
		if tables.Inbox == "" || tables.Connections == "" || tables.Sessions == "" {
			continue // of a template that is not Bellhop's
		}
		if err := dynamostore.CreateTables(ctx, client, dynamostore.Tables(tables)); err != nil {
			return fmt.Errorf("DynamoDB at %s: %w", endpoint, err)
		}
	}
	return nil
}
