package program

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bellhop/localdev/template"
)

// node finds how a Node.js function runs.
func node(f template.Function, o Options) (Program, error) {
	root, err := folder(f, o, ".js")
	if err != nil {
		return Program{}, err
	}
	if _, err := handlerFile(root, f.Handler, ".js", ".mjs", ".cjs"); err != nil {
		return Program{}, err
	}
	program, err := o.Tools.Node()
	if err != nil {
		return Program{}, err
	}
	given, missing := o.Tools.NodeModules()
	if missing != nil {
		given = "" // only those that bring no SDK along need it
	}
	opt, err := layers(f, o)
	if err != nil {
		return Program{}, err
	}
	// What layers bring comes before what Lambda brings, as in its NODE_PATH.
	version := strings.TrimSuffix(strings.Replace(f.Runtime, "nodejs", "node", 1), ".x")
	given = joined(append(within(opt, "nodejs/"+version+"/node_modules", "nodejs/node_modules"), given)...)
	if err := packages(root, given); err != nil {
		return Program{}, errors.Join(fmt.Errorf("%w: run `sam build`, or: npm install --omit=dev --prefix %s", err, source(f, o)), missing)
	}
	client, err := o.Node()
	if err != nil {
		return Program{}, err
	}
	return Program{
		Path: program, Args: []string{client.Main}, Root: root, Identity: f.Runtime,
		Env: map[string]string{
			"NODE_PATH": given, "BELLHOP_LAYERS": joined(opt...),
			// A notice at every start that is about this machine's version.
			"AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
			"NODE_OPTIONS": strings.TrimSpace(f.Environment["NODE_OPTIONS"] + " --require " + quoted(client.Hosts)),
		},
	}, nil
}

// quoted is a path as NODE_OPTIONS takes it.
func quoted(path string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(path) + `"`
}

// packages looks for what package.json depends on, where Node.js would: in
// node_modules of the folder and of those above it, and in those that are given.
func packages(root, given string) error {
	src, err := os.ReadFile(filepath.Join(root, "package.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read package.json: %w", err)
	}
	var document struct {
		Dependencies map[string]string `json:"dependencies"`
	}
	if err := json.Unmarshal(src, &document); err != nil {
		return fmt.Errorf("read %s: %w", filepath.Join(root, "package.json"), err)
	}
	var absent []string
	for _, name := range slices.Sorted(maps.Keys(document.Dependencies)) {
		if !hasPackage(root, given, name) {
			absent = append(absent, name)
		}
	}
	if len(absent) > 0 {
		return fmt.Errorf("packages of %s that are not installed: %s", filepath.Join(root, "package.json"), strings.Join(absent, ", "))
	}
	return nil
}

func hasPackage(root, given, name string) bool {
	for dir := root; ; dir = filepath.Dir(dir) {
		if isFolder(filepath.Join(dir, "node_modules", filepath.FromSlash(name))) {
			return true
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return len(within(filepath.SplitList(given), name)) > 0
}
