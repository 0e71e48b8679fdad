// Package nodejs holds the runtime client by which Node.js functions run under
// the Lambda Runtime API, with no package besides Node.js itself.
//
// Handlers may be CommonJS or ES modules, async or with a callback; results,
// errors and the context object are those of Lambda's Node.js runtimes. A callback
// waits for an empty event loop unless the function sets
// context.callbackWaitsForEmptyEventLoop to false. A function finds the packages
// in NODE_PATH when it has none of its own, which is how Lambda gives it the AWS
// SDK. TLS connections to the hosts of BELLHOP_HOSTS go to BELLHOP_HOSTS_AT.
//
// Not there: response streaming (awslambda.streamifyResponse), which API
// Gateway's WebSocket APIs do not have either, and extensions.
//
// It wants Node.js 20.6 or later. Source: Lambda Developer Guide, "Building Lambda
// functions with Node.js", https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html.
//
// Read next: client/main.mjs, then client/invoke.mjs and client/load.mjs.
package nodejs

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

//go:embed client
var files embed.FS

// Client is where the client was written to.
type Client struct {
	Main  string // the program: node Main
	Hosts string // to be preloaded by --require, for BELLHOP_HOSTS
}

// Write writes the client into a folder, which is made if absent. Files of an
// older one are overwritten.
func Write(dir string) (Client, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return Client{}, fmt.Errorf("write the Node.js client: %w", err)
	}
	entries, err := files.ReadDir("client")
	errs := []error{err, os.MkdirAll(path, 0o700)}
	for _, entry := range entries {
		src, err := files.ReadFile("client/" + entry.Name())
		errs = append(errs, err, os.WriteFile(filepath.Join(path, entry.Name()), src, 0o600))
	}
	if err := errors.Join(errs...); err != nil {
		return Client{}, fmt.Errorf("write the Node.js client: %w", err)
	}
	return Client{Main: filepath.Join(path, "main.mjs"), Hosts: filepath.Join(path, "hosts.cjs")}, nil
}
