package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"bellhop/localdev/demo"
	"bellhop/localdev/doctor"
	"bellhop/localdev/fault"
	"bellhop/localdev/gateway"
	"bellhop/localdev/httpapi"
	"bellhop/localdev/lambda"
	"bellhop/localdev/observe"
	"bellhop/localdev/template"
	"bellhop/shared/store/pebblestore"

	"github.com/valyala/fasthttp"
)

// sweepEvery is how often expired rows are removed.
const sweepEvery = time.Minute

// Options say what to serve.
type Options struct {
	Template   string            // path of the template
	Parameters map[string]string // overrides of its parameters
	Imports    map[string]string // what Fn::ImportValue gives, by the export's name
	Data       string            // folder of the store; empty: in memory
	Sync       bool              // wait for the disk at every write, to survive a power cut
	Speed      float64           // how much faster the gateway's clock runs; 0 is 1
	Logger     *slog.Logger      // default: slog.DiscardHandler

	// Gateway are options of the gateways, "name=value"; see gateway.Switches.
	Gateway []string
	// Observe is told what happens in the gateways and functions; nil: nobody.
	Observe *observe.Hub
	// Faults are planted from the start; /_faults changes them. The zero value: none.
	Faults fault.Plan

	// Binaries is a folder with <function>/bootstrap, as `make build` makes it
	// for this machine's processor: functions run as these binaries instead of
	// in this process, and Data is not opened. It asks for DynamoDB and Addr.
	Binaries string
	DynamoDB string // endpoint of the tables, such as http://localhost:8042; those that are not there are made
	Addr     string // host:port that Serve will listen on: the functions push to it
}

// Service is a running Bellhop. Close it.
type Service struct {
	stack    *template.Stack
	store    *pebblestore.Store // nil where functions are binaries
	registry *lambda.Registry
	invoke   *lambda.API
	gateways []stage
	https    []*httpapi.HTTPAPI
	demo     *demo.Demo
	faults   *fault.API
	server   *fasthttp.Server
	logger   *slog.Logger

	stop context.CancelFunc
	wg   sync.WaitGroup
}

// New reads the template and makes everything that it declares. Faults of the
// template are errors, all told together.
func New(o Options) (*Service, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	stack, err := template.Load(o.Template, &template.Options{Parameters: o.Parameters, Imports: o.Imports})
	if err != nil {
		return nil, err
	}
	for _, f := range stack.Warnings {
		o.Logger.Warn("this does not run here", "part", f.Error())
	}
	for _, f := range doctor.Check(stack, os.DirFS(filepath.Dir(o.Template))) {
		o.Logger.Warn("this would fail on AWS", "finding", f.String())
	}
	s := &Service{stack: stack, logger: o.Logger, stop: func() {}}
	if o.Binaries == "" {
		s.store, err = pebblestore.Open(o.Data, &pebblestore.Options{Sync: o.Sync, InMemory: o.Data == "", Logger: o.Logger})
		if err != nil {
			return nil, fmt.Errorf("open the store: %w", err)
		}
	}
	if err := s.build(o); err != nil {
		return nil, errors.Join(err, s.closeStore())
	}
	if s.store != nil {
		ctx, stop := context.WithCancel(context.Background())
		s.stop = stop
		s.wg.Go(func() { s.sweep(ctx) })
	}
	return s, nil
}

func (s *Service) closeStore() error {
	if s.store == nil {
		return nil
	}
	return s.store.Close()
}

func (s *Service) build(o Options) error {
	pushes := &localGateway{}
	injector := &fault.Injector{Observe: o.Observe}
	if err := injector.Set(o.Faults); err != nil {
		return fmt.Errorf("faults: %w", err)
	}
	s.faults = &fault.API{Injector: injector, Cut: s.cut, Vanish: s.vanish}
	watch := watching{observe: o.Observe, faults: injector}
	var err error
	if o.Binaries != "" {
		s.registry, err = binaries(s.stack, o, watch)
	} else {
		s.registry, err = functions(s.stack, s.store, pushes, watch, o.Logger)
	}
	if err != nil {
		return err
	}
	if s.https, err = httpAPIs(s.stack, s.registry, o.Logger); err != nil {
		return err
	}
	options, err := gatewayOptions(o, injector)
	if err != nil {
		return err
	}
	if s.gateways, err = webSocketAPIs(s.stack, s.registry, options); err != nil {
		return err
	}
	pushes.use(s.gateways)
	s.invoke = lambda.NewAPI(s.registry, &lambda.APIOptions{Logger: o.Logger})
	s.demo = demo.New(s.registry, demo.Options{
		SessionsFunction: s.stack.Name + "-sessions", PublishFunction: s.stack.Name + "-publish", CookieName: s.cookieName(),
	})
	s.server = &fasthttp.Server{
		Handler: s.route, Name: "", MaxRequestBodySize: httpapi.MaxBody + 1<<20,
		IdleTimeout: 75 * time.Second, Logger: quiet{s.logger}, CloseOnShutdown: true,
	}
	gateway.Configure(s.server)
	return nil
}

func (s *Service) cookieName() string {
	for _, p := range s.stack.Parameters {
		if p.LogicalID == "SessionCookieName" {
			return p.Value
		}
	}
	return "sessionid"
}

// Serve serves the listener until Close, and closes it.
func (s *Service) Serve(ln net.Listener) error { return s.server.Serve(ln) }

// Invoker invokes the functions.
func (s *Service) Invoker() lambda.Invoker { return s.registry }

// Close ends all connections and work under way, and closes the store. When
// ctx ends first, it gives up waiting; the store is closed all the same.
func (s *Service) Close(ctx context.Context) error {
	s.stop()
	var errs []error
	for _, g := range s.gateways {
		errs = append(errs, g.gateway.Close(ctx))
	}
	errs = append(errs, s.server.ShutdownWithContext(ctx), s.invoke.Close(ctx), s.registry.Close(ctx))
	s.wg.Wait()
	return errors.Join(append(errs, s.closeStore())...)
}

// sweep removes expired rows now and then, as DynamoDB's TTL does.
func (s *Service) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if err := s.store.Sweep(ctx, now); err != nil && ctx.Err() == nil {
				s.logger.Warn("sweep failed", "error", err)
			}
		}
	}
}

// quiet passes the server's complaints on as debug lines: they are about
// clients that went away.
type quiet struct{ logger *slog.Logger }

func (q quiet) Printf(format string, args ...any) {
	q.logger.Debug("server", "message", fmt.Sprintf(format, args...))
}
