package program

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"bellhop/localdev/lambda/nodejs"
	"bellhop/localdev/template"
	"bellhop/localdev/tools"
)

// ErrUnsupported says that functions of this kind cannot be run here.
var ErrUnsupported = errors.New("not run here: only Node.js, Python and programs called bootstrap are")

// Options say where things are.
type Options struct {
	Template string // path of the template
	Binaries string // folder with <function>/bootstrap; empty for none
	Inline   string // folder to keep code in that the template itself holds
	Tools    tools.Tools
	// Node is the client for Node.js functions, which Find asks for when it meets
	// the first of them.
	Node func() (nodejs.Client, error)
}

// Program is how a function runs.
type Program struct {
	Path     string            // of the executable
	Args     []string          // without its name
	Root     string            // folder of the function's code
	Identity string            // the runtime's name
	Env      map[string]string // what the runtime needs beside the function's own
}

// Find finds the function's program, or says what is missing.
func Find(f template.Function, o Options) (Program, error) {
	runtime := f.Runtime
	switch {
	case strings.HasPrefix(runtime, "provided"):
		return binary(f, o)
	case f.CodeURI == "" && f.Inline == "":
		return Program{}, fmt.Errorf("code that is no local folder is %w", ErrUnsupported)
	case strings.HasPrefix(runtime, "nodejs"):
		return node(f, o)
	case strings.HasPrefix(runtime, "python"):
		return python(f, o)
	}
	return Program{}, fmt.Errorf("runtime %q is %w", runtime, ErrUnsupported)
}

// source is the folder of the function's CodeUri.
func source(f template.Function, o Options) string {
	if filepath.IsAbs(f.CodeURI) {
		return filepath.Clean(f.CodeURI)
	}
	return filepath.Join(filepath.Dir(o.Template), f.CodeURI)
}

// built is what `sam build` made of the function.
func built(f template.Function, o Options) string {
	return filepath.Join(filepath.Dir(o.Template), ".aws-sam", "build", f.LogicalID)
}

// folder is what `sam build` made, or else the sources. Code that the template
// itself holds is put into a file there, as Lambda does: index, with the ending
// given.
func folder(f template.Function, o Options, ending string) (string, error) {
	if f.Inline != "" {
		dir, err := filepath.Abs(filepath.Join(o.Inline, f.LogicalID))
		if err != nil {
			return "", fmt.Errorf("write the code of the template: %w", err)
		}
		return dir, errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "index"+ending), []byte(f.Inline), 0o600))
	}
	for _, dir := range []string{built(f, o), source(f, o)} {
		if isFolder(dir) {
			return filepath.Abs(dir)
		}
	}
	return "", fmt.Errorf("no folder %s, its CodeUri", source(f, o))
}

// handlerFile finds the file that the handler setting names, by its endings.
func handlerFile(root, handler string, endings ...string) (string, error) {
	dir, base := path.Split(handler)
	name, _, ok := strings.Cut(base, ".")
	if !ok || strings.Contains(handler, "..") {
		return "", fmt.Errorf("handler %q has not the form file.function", handler)
	}
	module := filepath.Join(root, filepath.FromSlash(dir), name)
	for _, ending := range endings {
		if isFile(module + ending) {
			return module + ending, nil
		}
	}
	if isFile(module + ".ts") {
		return "", fmt.Errorf("%s.ts is not compiled: run `sam build`", module)
	}
	return "", fmt.Errorf("no file %s%s for handler %q", module, strings.Join(endings, " or "), handler)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
