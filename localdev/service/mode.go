package service

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"bellhop/localdev/template"
)

// mode is a way to run the template's functions.
type mode int

const (
	inProcess mode = iota // the handlers of this program, over the embedded store
	processes             // each as its own processes, over a DynamoDB engine
	elsewhere             // behind a Lambda Invoke endpoint
)

// modeOf is what the options ask for. Without a word, functions that are not of
// this program run as processes.
func modeOf(stack *template.Stack, o Options) mode {
	switch {
	case o.LambdaEndpoint != "":
		return elsewhere
	case o.Binaries != "" || o.DynamoDB != "" || !ours(stack):
		return processes
	}
	return inProcess
}

// ours says whether the functions are those of this program: custom runtimes in
// functions/<name>, and beside the template no Go module of another name.
func ours(stack *template.Stack) bool {
	module, err := os.ReadFile(filepath.Join(filepath.Dir(stack.File), "go.mod"))
	if err == nil && !strings.HasPrefix(string(module), "module bellhop\n") {
		return false
	}
	for _, f := range stack.Functions {
		if path.Dir(path.Clean(f.CodeURI)) != "functions" || !strings.HasPrefix(f.Runtime, "provided") {
			return false
		}
	}
	return true
}
