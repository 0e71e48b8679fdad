package service

import (
	"errors"
	"fmt"
	"log/slog"
	"path"
	"sync"

	"bellhop/localdev/lambda"
	"bellhop/localdev/template"
	"bellhop/shared/config"
	"bellhop/shared/handler"
	"bellhop/shared/inbox"
	"bellhop/shared/origin"
	"bellhop/shared/push"
	"bellhop/shared/store/pebblestore"
)

// functions makes the template's functions, each with its own environment, over
// the one store.
func functions(stack *template.Stack, store *pebblestore.Store, pushes push.Gateway, logger *slog.Logger) ([]lambda.Function, error) {
	var list []lambda.Function
	var errs []error
	logs := &sharedLog{}
	for _, f := range stack.Functions {
		settings, err := config.Read(func(name string) string { return f.Environment[name] })
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %s: %w", stack.File, f.Line, f.LogicalID, err))
			continue
		}
		if settings.AllowedOrigins.Empty() {
			settings.AllowedOrigins = origin.Local()
		}
		deps := handler.Deps{
			Config: settings, Inbox: store, Connections: store, Schedule: store, Sessions: store, Limits: store, Gateway: pushes,
			Logger: logger.With("function", f.Name), Region: stack.Region,
		}.With()
		handle := handlerOf(path.Base(f.CodeURI), deps, logs)
		if handle == nil {
			errs = append(errs, fmt.Errorf("%s:%d: %s: %s is none of the functions of this program", stack.File, f.Line, f.LogicalID, f.CodeURI))
			continue
		}
		spec := specOf(f)
		list = append(list, lambda.Function{LogicalID: f.LogicalID, Spec: spec, Runner: lambda.InProcess(handle, spec)})
	}
	return list, errors.Join(errs...)
}

// sharedLog is the logs of all functions, so that their writers take turns.
type sharedLog struct {
	once sync.Once
	log  *inbox.Log
}

func (s *sharedLog) of(d handler.Deps) *inbox.Log {
	s.once.Do(func() { s.log = d.Log() })
	return s.log
}

// handlerOf is what the main function of functions/<name> starts.
func handlerOf(name string, d handler.Deps, logs *sharedLog) any {
	switch name {
	case "authorizer":
		return handler.NewAuthorize(d).Handle
	case "connect":
		return handler.NewConnect(d).Handle
	case "disconnect":
		return handler.NewDisconnect(d).Handle
	case "message":
		return handler.NewMessage(d, logs.of(d)).Handle
	case "publish":
		return handler.NewPublish(d, logs.of(d)).Handle
	case "sessions":
		return handler.NewSessions(d).Handle
	case "sweep":
		return handler.NewSweep(d).Handle
	case "inbox":
		return handler.NewInbox(d, logs.of(d)).Handle
	}
	return nil
}
