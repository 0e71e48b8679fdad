package service

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	"bellhop/localdev/inspector"
	"bellhop/localdev/lambda"
	"bellhop/localdev/lambda/remote"
	"bellhop/localdev/observe"
	"bellhop/localdev/template"
	"bellhop/localdev/tools"
	"bellhop/shared/push"
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
	Data       string            // folder of the store; empty: in memory, or for this run alone
	Sync       bool              // wait for the disk at every write, to survive a power cut
	Speed      float64           // how much faster the gateway's limits and the schedules run; 0 is 1
	Logger     *slog.Logger      // default: slog.DiscardHandler
	Host       string            // name that the page may be opened by, besides localhost and addresses

	// Gateway are options of the gateways, "name=value"; see gateway.Switches.
	Gateway []string
	// Observe is told what happens in the gateways and functions, as are the pages of
	// the inspector; nil: they alone.
	Observe *observe.Hub
	// Faults are planted from the start; /_faults changes them. The zero value: none.
	Faults fault.Plan

	// Binaries is a folder with <function>/bootstrap, as `make build` makes it
	// for this machine's processor. With it, with DynamoDB, or with a template
	// whose functions are not of this program, functions run as processes, for
	// which Data holds what they need.
	Binaries string
	DynamoDB string // endpoint of the tables, which are made if absent; empty starts an engine for them
	Offline  bool   // keeps processes from other hosts than the APIs'
	// LambdaEndpoint is a Lambda Invoke endpoint, such as http://127.0.0.1:3001:
	// functions run there.
	LambdaEndpoint string
	Addr           string      // host:port that Serve will listen on: processes push to it
	Tools          tools.Tools // where programs are
	// Output gets the lines of processes, and Lambda's own; nil has the former
	// logged. It must be safe for concurrent use.
	Output io.Writer
}

// Service is a running Bellhop. Close it.
type Service struct {
	stack    *template.Stack
	store    *pebblestore.Store // of functions in this process, else nil
	shop     *workshop          // of functions that are processes, else nil
	remote   *remote.Endpoint   // of functions elsewhere, else nil
	registry *lambda.Registry
	invoke   *lambda.API
	gateways []stage
	https    []*httpapi.HTTPAPI
	faults   *fault.API
	inspect  *inspector.Inspector
	demo     *demo.Demo // nil for a template of others
	server   *fasthttp.Server
	logger   *slog.Logger
	o        Options

	stop context.CancelFunc
	wg   sync.WaitGroup

	mu     sync.Mutex
	closed bool
	ln     net.Listener // that Serve serves
}

// New reads the template and makes everything that it declares. Faults of the
// template are errors, all told together.
func New(o Options) (*Service, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observe == nil {
		o.Observe = &observe.Hub{}
	}
	stack, err := template.Load(o.Template, &template.Options{Parameters: o.Parameters, Imports: o.Imports})
	if err != nil {
		return nil, err
	}
	level := slog.LevelWarn
	if ours(stack) { // what it has for AWS alone is known, and does without here
		level = slog.LevelInfo
	}
	for _, f := range stack.Warnings {
		o.Logger.Log(context.Background(), level, "this does not run here", "part", f.Error())
	}
	for _, f := range doctor.Check(stack, os.DirFS(filepath.Dir(o.Template))) {
		tell(o.Logger, f)
	}
	s := &Service{stack: stack, logger: o.Logger, o: o, stop: func() {}}
	if err := s.build(o); err != nil {
		return nil, errors.Join(err, s.release())
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.wg.Go(func() { s.sweep(ctx) })
	s.wg.Go(func() { s.watch(ctx) })
	s.schedules(ctx, o.Speed)
	return s, nil
}

// tell logs a finding of the doctor's.
func tell(logger *slog.Logger, f doctor.Finding) {
	if f.Level == doctor.Advice {
		logger.Info("this is worth knowing", "finding", f.String())
		return
	}
	logger.Warn("this would fail on AWS", "finding", f.String())
}

// release closes what the functions stand on.
func (s *Service) release() error {
	var errs []error
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	if s.shop != nil {
		errs = append(errs, s.shop.close())
	}
	if s.remote != nil {
		s.remote.Close()
	}
	return errors.Join(errs...)
}

// functions makes the functions in the way that the options ask for.
func (s *Service) functions(o Options, pushes push.Gateway) (list []lambda.Function, err error) {
	switch modeOf(s.stack, o) {
	case elsewhere:
		list, s.remote, err = remoteFunctions(s.stack, o)
		return list, err
	case processes:
		s.shop = &workshop{stack: s.stack, o: o}
		return s.shop.open()
	default:
		s.store, err = pebblestore.Open(o.Data, &pebblestore.Options{Sync: o.Sync, InMemory: o.Data == "", Logger: o.Logger})
		if err != nil {
			return nil, fmt.Errorf("open the store: %w", err)
		}
		return functions(s.stack, s.store, pushes, o.Logger)
	}
}

func (s *Service) build(o Options) error {
	pushes := &localGateway{}
	injector := &fault.Injector{Observe: o.Observe}
	if err := injector.Set(o.Faults); err != nil {
		return fmt.Errorf("faults: %w", err)
	}
	s.inspect = inspector.New(o.Observe)
	s.faults = &fault.API{Injector: injector, Cut: s.cut, Vanish: s.vanish}
	watch := watching{observe: o.Observe, faults: injector}
	functions, err := s.functions(o, pushes)
	if err != nil {
		return err
	}
	if s.registry, err = lambda.NewRegistry(watch.all(functions)); err != nil {
		return err
	}
	options, err := gatewayOptions(o, injector)
	if err != nil {
		return err
	}
	if s.https, err = s.httpAPIs(options); err != nil {
		return err
	}
	if s.gateways, err = s.webSocketAPIs(*options); err != nil {
		return err
	}
	pushes.use(s.gateways)
	s.invoke = lambda.NewAPI(s.registry, &lambda.APIOptions{Logger: o.Logger})
	if ours(s.stack) {
		s.demo = demo.New(s.registry, demo.Options{
			SessionsFunction: s.stack.Name + "-sessions", PublishFunction: s.stack.Name + "-publish", CookieName: s.cookieName(),
		})
	}
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

// Serve serves the listener until Close, and closes it: also if that came before.
func (s *Service) Serve(ln net.Listener) error {
	s.mu.Lock()
	s.ln = ln
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return ln.Close()
	}
	return s.server.Serve(ln)
}

// unlisten ends a Serve that the server knows nothing of yet.
func (s *Service) unlisten() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.ln != nil {
		_ = s.ln.Close() // the server may have done so
	}
}

// Invoker invokes the functions.
func (s *Service) Invoker() lambda.Invoker { return s.registry }

// Close ends all connections and work under way, and closes the store. When
// ctx ends first, it gives up waiting; the store is closed all the same.
func (s *Service) Close(ctx context.Context) error {
	s.stop()
	s.wg.Wait()
	errs := []error{s.inspect.Close(ctx)}
	for _, g := range s.gateways {
		errs = append(errs, g.gateway.Close(ctx))
	}
	shut := make(chan error, 1)
	go func() {
		err := s.server.ShutdownWithContext(ctx)
		s.unlisten()
		shut <- err
	}()
	errs = append(errs, s.invoke.Close(ctx), s.registry.Close(ctx))
	if s.shop != nil { // before the server has ended: connections through it would hold that up
		errs = append(errs, s.shop.close())
		s.shop = nil
	}
	return errors.Join(append(errs, <-shut, s.release())...)
}

// watch tells of an engine that ends by itself: every function fails from then on.
func (s *Service) watch(ctx context.Context) {
	if s.shop == nil || s.shop.engine == nil {
		return
	}
	select {
	case <-ctx.Done():
	case <-s.shop.engine.Done():
		s.logger.Error("the DynamoDB engine has ended: stop and start again")
	}
}

// sweep removes expired rows now and then, as DynamoDB's TTL does.
func (s *Service) sweep(ctx context.Context) {
	if s.store == nil {
		return
	}
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
