package dynamotest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Options are the settings of an Engine. The zero value is an engine whose
// tables live in memory.
type Options struct {
	// Path is the file that holds the tables; it is made if absent. Empty means
	// memory: a Restart then comes up without tables.
	Path string
}

// Engine is a DynamoDB engine that belongs to one test. Its methods fail that
// test rather than return errors, and must be called from the test's goroutine.
type Engine struct {
	t      testing.TB
	server *server
}

// Start starts an engine of the test's own, whatever DYNAMODB_ENDPOINT says,
// and ends it when the test ends.
func Start(t testing.TB, opts Options) *Engine {
	t.Helper()
	s, err := startServer(serverOptions{path: opts.Path})
	if err != nil {
		t.Fatalf("start a DynamoDB engine: %v", err)
	}
	e := &Engine{t: t, server: s}
	t.Cleanup(func() {
		if err := e.server.stop(); err != nil {
			t.Errorf("end the test's DynamoDB engine: %v", err)
		}
	})
	return e
}

// URL returns the engine's address, without a slash at its end. It stays the
// same over Kill and Restart.
func (e *Engine) URL() string { return e.server.url() }

// Config is the package's Config, for this engine.
func (e *Engine) Config() aws.Config { return configFor(e.URL()) }

// Kill ends the engine as a power cut would (SIGKILL) and returns when it is
// gone. Calls under way lose their connection.
func (e *Engine) Kill() {
	e.t.Helper()
	if err := e.server.kill(); err != nil {
		e.t.Fatalf("kill the DynamoDB engine: %v", err)
	}
}

// Restart starts the engine again at the same address, with the tables of
// Options.Path, and returns when it answers. It kills an engine that runs.
func (e *Engine) Restart() {
	e.t.Helper()
	e.Kill()
	if err := e.server.start(); err != nil {
		e.t.Fatalf("restart the DynamoDB engine: %v", err)
	}
}
