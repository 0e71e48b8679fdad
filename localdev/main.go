// Command localdev runs Bellhop whole on one machine: see package service.
//
//	go run ./localdev --port 8100 --parameter-overrides "AllowedOrigins=.example.com"
//
// It also looks for what would fail only after deployment: see package doctor.
//
//	go run ./localdev doctor --template template.yaml
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"bellhop/localdev/fault"
	"bellhop/localdev/gateway"
	"bellhop/localdev/service"
	"bellhop/localdev/template"
	"bellhop/localdev/tools"
)

// closeWithin is how long a clean stop may take.
const closeWithin = time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := command(ctx, os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, errFound):
		os.Exit(1)
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "localdev:", err)
		os.Exit(1)
	}
}

// command runs the service, or the subcommand that is named first.
func command(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 && args[0] == "doctor" {
		return diagnose(args[1:], out)
	}
	return run(ctx, args, out)
}

// settings are the flags. They use sam local's words where it has them.
type settings struct {
	host, data, template, parameters, logLevel string
	binaries, dynamodb, lambda, faults         string
	port                                       int
	speed                                      float64
	sync, offline                              bool
	gateway                                    []string
	tools                                      tools.Tools
	imports                                    imports
}

// imports are the values of --import-value, by name.
type imports map[string]string

// String is empty: there are none unless given.
func (imports) String() string { return "" }

// Set takes one NAME=VALUE.
func (i *imports) Set(word string) error {
	name, value, ok := strings.Cut(word, "=")
	if !ok || name == "" {
		return fmt.Errorf("want NAME=VALUE, got %q", word)
	}
	if *i == nil {
		*i = imports{}
	}
	(*i)[name] = value
	return nil
}

func readFlags(args []string) (settings, error) {
	var s settings
	f := flag.NewFlagSet("localdev", flag.ContinueOnError)
	f.StringVar(&s.host, "host", "127.0.0.1", "address to listen on")
	f.IntVar(&s.port, "port", 8000, "port to listen on; 0 takes a free one")
	f.StringVar(&s.template, "template", "template.yaml", "SAM template to run")
	f.StringVar(&s.parameters, "parameter-overrides", "", `values of its parameters: "Name=value Other=value"`)
	f.Var(&s.imports, "import-value", "what Fn::ImportValue gives, as NAME=VALUE; may stand several times")
	f.StringVar(&s.data, "data", ".bellhop", "folder of the store")
	f.BoolVar(&s.sync, "sync", false, "wait for the disk at every write, to survive a power cut")
	f.Float64Var(&s.speed, "speed", 1, "how much faster the gateway's time limits and the schedules run")
	f.StringVar(&s.faults, "faults", "{}", `faults to plant, which PUT /_faults changes later: '{"push_drop": 0.1}'`)
	f.Func("gateway-option", "how the gateway acts where AWS is silent, such as control-pings=reset-idle; repeat it for more (see localdev/gateway/UNCERTAIN.md)", func(option string) error {
		s.gateway = append(s.gateway, option)
		name, value, _ := strings.Cut(option, "=")
		return (&gateway.Options{}).Set(name, value)
	})
	f.StringVar(&s.logLevel, "log-level", "WARN", "least severe log line: DEBUG, INFO, WARN or ERROR")
	waysToRun(f, &s)
	if err := f.Parse(args); err != nil {
		return s, err
	}
	return s, s.check(f.Args())
}

// waysToRun are the flags about where functions run, and with what.
func waysToRun(f *flag.FlagSet, s *settings) {
	f.StringVar(&s.binaries, "binaries", "", "run functions as processes, <folder>/<function>/bootstrap, as make build makes them for this machine's ARCH")
	f.StringVar(&s.dynamodb, "dynamodb", "", "DynamoDB endpoint for functions that are processes, such as http://localhost:8042; without it an engine is started for their tables")
	f.StringVar(&s.lambda, "lambda-endpoint", "", "run functions behind a Lambda Invoke endpoint, such as http://127.0.0.1:3001 of sam local start-lambda")
	f.BoolVar(&s.offline, "offline", false, "keep functions that are processes from hosts other than the template's APIs")
	f.StringVar(&s.tools.EngineAt, "engine", "", "program of the DynamoDB engine to start; default what make setup installs")
	f.StringVar(&s.tools.PythonAt, "python", "", "Python with awslambdaric for functions in Python; default what make setup installs")
	f.StringVar(&s.tools.NodeAt, "node", "", "Node.js for functions in JavaScript; default the one on the path")
	f.StringVar(&s.tools.ModulesAt, "node-modules", "", "folder of packages that functions in JavaScript find beside their own; default what make setup installs")
}

func (s settings) check(rest []string) error {
	switch {
	case s.speed <= 0:
		return errors.New("--speed must be greater than 0")
	case s.lambda != "" && s.binaries != "":
		return errors.New("--lambda-endpoint and --binaries exclude each other")
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q", rest[0])
	}
	for name, at := range map[string]string{"--dynamodb": s.dynamodb, "--lambda-endpoint": s.lambda} {
		if u, err := url.Parse(at); at != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			return fmt.Errorf("%s: %q is no URL such as http://localhost:8042", name, at)
		}
	}
	return nil
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	s, err := readFlags(args)
	if err != nil {
		return err
	}
	ln, err := gateway.Listen(ctx, net.JoinHostPort(s.host, strconv.Itoa(s.port)))
	if err != nil {
		return err
	}
	svc, err := open(s, ln.Addr().String())
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	served := make(chan error, 1)
	go func() { served <- svc.Serve(ln) }()
	announce(out, ln.Addr().(*net.TCPAddr), svc.Summary())
	select {
	case <-ctx.Done():
		fmt.Fprintln(out, "\nstopping")
	case err = <-served:
	}
	return errors.Join(err, closeService(svc))
}

func open(s settings, addr string) (*service.Service, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.logLevel)); err != nil {
		return nil, fmt.Errorf("--log-level: %w", err)
	}
	parameters, err := template.ParseOverrides(s.parameters)
	if err != nil {
		return nil, fmt.Errorf("--parameter-overrides: %w", err)
	}
	faults, err := fault.Parse([]byte(s.faults))
	if err != nil {
		return nil, fmt.Errorf("--faults: %w", err)
	}
	found, err := tools.Find()
	if err != nil {
		return nil, err
	}
	return service.New(service.Options{
		Template: s.template, Parameters: parameters, Imports: s.imports, Data: s.data, Sync: s.sync, Speed: s.speed,
		Host: s.host, Binaries: s.binaries, DynamoDB: s.dynamodb, LambdaEndpoint: s.lambda, Offline: s.offline, Addr: addr,
		Tools: found.With(s.tools), Output: &lines{w: os.Stderr}, Faults: faults, Gateway: s.gateway,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})),
	})
}

// lines writes whole lines one after the other.
type lines struct {
	mu sync.Mutex
	w  io.Writer
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func closeService(svc *service.Service) error {
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	return svc.Close(ctx)
}
