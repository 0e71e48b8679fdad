package service

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"bellhop/localdev/engine"
	"bellhop/localdev/hosts"
	"bellhop/localdev/lambda"
	"bellhop/localdev/lambda/nodejs"
	"bellhop/localdev/lambda/program"
	"bellhop/localdev/lambda/runtime"
	"bellhop/localdev/sdk"
	"bellhop/localdev/tables"
	"bellhop/localdev/template"
	"bellhop/shared/origin"
)

const (
	// tablesFile is the engine's file in the data folder.
	tablesFile = "dynamodb.db"

	// localOrigins are the patterns of origin.Local.
	localOrigins = "localhost,127.0.0.1,[::1]"

	// prepareWithin is how long starting the engine and making the tables may take.
	prepareWithin = time.Minute
)

// workshop is what functions that run as processes need around them. It is made
// step by step, and closed whatever has been made.
type workshop struct {
	stack  *template.Stack
	o      Options
	data   string // folder; absolute
	engine *engine.Engine
	front  *hosts.Front
	tidy   func() error // removes data where it is not to be kept
}

// open makes all that the processes need, and the functions.
func (w *workshop) open() ([]lambda.Function, error) {
	if w.o.Addr == "" {
		return nil, errors.New("functions that run as processes need the address of this service")
	}
	if err := w.openData(); err != nil {
		return nil, err
	}
	if err := w.openTables(); err != nil {
		return nil, err
	}
	front, err := hosts.Listen(hosts.Options{
		Targets: w.targets(), Domains: customDomains(w.stack), Data: filepath.Join(w.data, "authority"),
		Offline: w.o.Offline, Logger: w.o.Logger,
	})
	if err != nil {
		return nil, err
	}
	w.front = front
	return w.functions()
}

// openData makes the folder, or one for this run alone.
func (w *workshop) openData() error {
	w.tidy = func() error { return nil }
	dir := w.o.Data
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "bellhop-"); err != nil {
			return fmt.Errorf("make a data folder: %w", err)
		}
		w.tidy = func() error { return os.RemoveAll(dir) }
	}
	var err error
	w.data, err = filepath.Abs(dir)
	return err
}

// openTables makes the template's tables that are not there yet, in an engine that
// it starts unless one is named.
func (w *workshop) openTables() error {
	if len(w.stack.Tables) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), prepareWithin)
	defer cancel()
	if w.o.DynamoDB == "" {
		binary, err := w.o.Tools.Engine()
		if err != nil {
			return fmt.Errorf("the template has tables: %w", err)
		}
		if w.engine, err = engine.Start(ctx, engine.Options{Binary: binary, File: filepath.Join(w.data, tablesFile)}); err != nil {
			return err
		}
		w.o.DynamoDB = w.engine.URL()
	}
	return createTables(ctx, w.stack, w.o.DynamoDB)
}

func createTables(ctx context.Context, stack *template.Stack, endpoint string) error {
	client, release := tables.Client(endpoint, stack.Region)
	defer release()
	if _, err := tables.Create(ctx, client, stack.Tables); err != nil {
		return fmt.Errorf("DynamoDB at %s: %w", endpoint, err)
	}
	return nil
}

// functions makes the functions. All that is missing is told together.
func (w *workshop) functions() ([]lambda.Function, error) {
	find := program.Options{
		Template: w.stack.File, Binaries: w.o.Binaries, Inline: filepath.Join(w.data, "inline"), Tools: w.o.Tools,
		Node: sync.OnceValues(func() (nodejs.Client, error) { return nodejs.Write(filepath.Join(w.data, "nodejs")) }),
	}
	list := make([]lambda.Function, 0, len(w.stack.Functions))
	var errs []error
	for _, f := range w.stack.Functions {
		runner, err := w.runner(f, find)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %s: %w", w.stack.File, f.Line, f.LogicalID, err))
			continue
		}
		list = append(list, lambda.Function{LogicalID: f.LogicalID, Spec: specOf(f), Runner: runner})
	}
	return list, errors.Join(errs...)
}

func (w *workshop) runner(f template.Function, o program.Options) (lambda.Runner, error) {
	p, err := program.Find(f, o)
	if err != nil {
		return nil, err
	}
	env := w.environment(f)
	maps.Copy(env, p.Env)
	return runtime.New(p.Path, specOf(f), runtime.Options{
		Args: p.Args, Root: p.Root, Identity: p.Identity, Handler: f.Handler, Env: env, Logger: w.o.Logger, Output: w.o.Output,
	})
}

// environment is a function's own, over what makes it local: the hosts of the
// APIs lead here, DynamoDB and Lambda have local endpoints, and the credentials
// are worth nothing.
func (w *workshop) environment(f template.Function) map[string]string {
	here := "http://" + reachable(w.o.Addr)
	env := w.front.Environment()
	maps.Copy(env, map[string]string{
		"AWS_ACCESS_KEY_ID": sdk.MadeUp, "AWS_SECRET_ACCESS_KEY": sdk.MadeUp, "AWS_SESSION_TOKEN": sdk.MadeUp,
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_LAMBDA": here,
	})
	if w.o.DynamoDB != "" {
		env["AWS_ENDPOINT_URL_DYNAMODB"] = w.o.DynamoDB
	}
	if stage, ok := firstStage(w.stack); ok {
		env["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"] = here + "/" + stage
	}
	maps.Copy(env, f.Environment)
	if patterns, set := env["ALLOWED_ORIGINS"]; set && ours(w.stack) {
		if allowed, err := origin.Parse(patterns); err == nil && allowed.Empty() {
			env["ALLOWED_ORIGINS"] = localOrigins
		}
	}
	return env
}

// close releases what was made, the functions' own processes being gone. It waits
// for no context: what it ends has limits of its own.
func (w *workshop) close() error {
	var errs []error
	if w.front != nil {
		errs = append(errs, w.front.Close())
	}
	if w.engine != nil {
		errs = append(errs, w.engine.Close(context.Background()))
	}
	if w.tidy != nil {
		errs = append(errs, w.tidy())
	}
	return errors.Join(errs...)
}

func specOf(f template.Function) lambda.Spec {
	return lambda.Spec{Name: f.Name, ARN: f.ARN, Timeout: f.Timeout, MemorySize: f.MemorySize}
}

// firstStage is the one whose management API functions push through that name
// none themselves.
func firstStage(stack *template.Stack) (string, bool) {
	for _, api := range stack.WebSocketAPIs {
		for _, s := range api.Stages {
			return s.Name, true
		}
	}
	return "", false
}

// targets are the names that the template's APIs and the local services have on
// AWS, and where they are here.
func (w *workshop) targets() map[string]string {
	here := reachable(w.o.Addr)
	all := map[string]string{"lambda." + w.stack.Region + ".amazonaws.com": here}
	for _, api := range w.stack.WebSocketAPIs {
		all[hostOf(w.stack, api.ID)] = here
	}
	for _, name := range customDomains(w.stack) {
		all[name] = here
	}
	for _, api := range w.stack.HTTPAPIs {
		all[hostOf(w.stack, api.ID)] = here
	}
	if address, ok := strings.CutPrefix(w.o.DynamoDB, "http://"); ok {
		all["dynamodb."+w.stack.Region+".amazonaws.com"] = strings.TrimSuffix(address, "/")
	}
	return all
}

// customDomains are the custom domain names of the template's WebSocket APIs.
func customDomains(stack *template.Stack) []string {
	var all []string
	for _, api := range stack.WebSocketAPIs {
		for _, m := range api.Mappings {
			all = append(all, m.Domain)
		}
	}
	return all
}

func hostOf(stack *template.Stack, api string) string {
	return api + ".execute-api." + stack.Region + ".amazonaws.com"
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
