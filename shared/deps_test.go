// Package shared_test keeps the layers of the service apart: which package may
// import what, and why.
package shared_test

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// rule forbids imports, direct or not, to packages.
type rule struct {
	packages  []string // go list patterns, from the module's root
	forbidden []string // import paths, each with all below it
	allowed   []string // of those, import paths that are free all the same, with all below them
	why       string
}

var rules = []rule{
	{
		packages: under("./shared/", "protocol", "notification", "inbox", "session", "session/jwt", "session/django", "origin", "connections", "limit", "push", "config", "fault", "audit", "backoff"),
		forbidden: []string{
			"github.com/aws", "github.com/cockroachdb", "bellhop/shared/store", "bellhop/shared/apigw",
			"bellhop/shared/boot", "bellhop/shared/handler", "bellhop/localdev",
		},
		why: "the domain knows no technology: it must run over any store and any gateway, and its tests without one",
	},
	{
		packages:  []string{"./shared/handler"},
		forbidden: []string{"github.com/aws", "github.com/cockroachdb", "bellhop/shared/store", "bellhop/shared/apigw", "bellhop/localdev"},
		allowed:   []string{"github.com/aws/aws-lambda-go/events"},
		why:       "a handler reads the gateway's events, and gets everything else as an interface: what it may call is its grant",
	},
	{
		packages:  []string{"./functions/..."},
		forbidden: []string{"github.com/cockroachdb", "github.com/valyala/fasthttp", "bellhop/localdev", "bellhop/shared/store/pebblestore"},
		why:       "a function on AWS starts cold: what only a developer's machine needs would slow every start and widen what can be attacked",
	},
	{
		packages:  []string{"./functions/...", "./shared/..."},
		forbidden: []string{"testing", "pgregory.net/rapid"},
		allowed:   nil,
		why:       "what tests are made of has no place in what is deployed",
	},
}

func under(folder string, names ...string) []string {
	for i, name := range names {
		names[i] = folder + name
	}
	return names
}

func TestImportsPointDownwards(t *testing.T) {
	for _, r := range rules {
		for pkg, imports := range dependencies(t, r.packages) {
			for _, imported := range imports {
				if within(imported, r.forbidden) && !within(imported, r.allowed) {
					t.Errorf("%s depends on %s: %s", pkg, imported, r.why)
				}
			}
		}
	}
}

// TestRulesSeeEverything fails when a function or a package of the domain is
// in no rule's sight.
func TestRulesSeeEverything(t *testing.T) {
	if n := len(dependencies(t, []string{"./functions/..."})); n < 7 {
		t.Errorf("the rules see %d functions, want at least 7", n)
	}
	handler := dependencies(t, []string{"./shared/handler"})["bellhop/shared/handler"]
	for _, want := range []string{"bellhop/shared/inbox", "github.com/aws/aws-lambda-go/events", "encoding/json"} {
		if !slices.Contains(handler, want) {
			t.Errorf("the dependencies of handler do not list %s: the rules would see nothing", want)
		}
	}
}

// dependencies lists, by package, all that it imports, directly or not.
func dependencies(t *testing.T, patterns []string) map[string][]string {
	t.Helper()
	args := append([]string{"list", "-f", `{{.ImportPath}} {{join .Deps " "}}`}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr(err))
	}
	found := make(map[string][]string)
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if !testHelper(words[0]) {
			found[words[0]] = words[1:]
		}
	}
	return found
}

// testHelper says whether a package exists for tests alone, by its name.
func testHelper(pkg string) bool {
	name := path.Base(pkg)
	return name == "storetest" || name == "dynamotest"
}

func stderr(err error) string {
	if exit, ok := err.(*exec.ExitError); ok {
		return string(exit.Stderr)
	}
	return ""
}

func within(imported string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return imported == root || strings.HasPrefix(imported, root+"/")
	})
}
