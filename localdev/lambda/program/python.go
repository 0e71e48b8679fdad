package program

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"bellhop/localdev/template"
)

// askWithin is how long Python may take to say what is installed.
const askWithin = 20 * time.Second

// missingDistributions prints the names in requirements.txt for which neither the
// function's folder nor Python itself has a distribution, and the runtime client
// if that is missing. It reads names only: versions are pip's affair.
const missingDistributions = `
import importlib.metadata, importlib.util, re, sys
root = sys.argv[1]
names = []
try:
    with open(root + "/requirements.txt", encoding="utf-8") as lines:
        names = [m[1] for m in map(re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)").match, lines) if m]
except FileNotFoundError:
    pass
plain = lambda name: re.sub(r"[-_.]+", "-", name).lower()
there = {plain(d.metadata["Name"] or "") for d in importlib.metadata.distributions(path=[root, *sys.path])}
if importlib.util.find_spec("awslambdaric") is None:
    print("awslambdaric")
print("\n".join(name for name in names if plain(name) not in there))
`

// python finds how a Python function runs.
func python(f template.Function, o Options) (Program, error) {
	root, err := folder(f, o, ".py")
	if err != nil {
		return Program{}, err
	}
	if _, err := handlerFile(root, f.Handler, ".py", "/__init__.py"); err != nil {
		return Program{}, err
	}
	program, err := o.Tools.Python()
	if err != nil {
		return Program{}, err
	}
	opt, err := layers(f, o)
	if err != nil {
		return Program{}, err
	}
	paths := append(within(opt, "python/lib/"+f.Runtime+"/site-packages", "python"), f.Environment["PYTHONPATH"])
	python := interpreter{program: program, search: joined(paths...)}
	if err := python.distributions(root, source(f, o)); err != nil {
		return Program{}, err
	}
	return Program{
		Path: program, Args: []string{"-m", "awslambdaric", f.Handler}, Root: root, Identity: f.Runtime,
		Env: map[string]string{"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": python.search},
	}, nil
}

// interpreter is a Python, and where it looks before its own folders.
type interpreter struct{ program, search string }

// distributions looks for what the function depends on.
func (p interpreter) distributions(root, source string) error {
	ctx, cancel := context.WithTimeout(context.Background(), askWithin)
	defer cancel()
	ask := exec.CommandContext(ctx, p.program, "-c", missingDistributions, root)
	ask.Env = append(os.Environ(), "PYTHONPATH="+p.search)
	out, err := ask.Output()
	if err != nil {
		return fmt.Errorf("ask %s what is installed: %w", p.program, err)
	}
	switch absent := strings.Fields(string(out)); {
	case len(absent) == 0:
		return nil
	case absent[0] == "awslambdaric":
		return fmt.Errorf("%s has no awslambdaric, Lambda's runtime client: %s -m pip install awslambdaric", p.program, p.program)
	default:
		return fmt.Errorf("packages of %s that are not installed: %s: run `sam build`, or: %s -m pip install -r %s -t %s",
			filepath.Join(root, "requirements.txt"), strings.Join(absent, ", "), p.program, filepath.Join(source, "requirements.txt"), source)
	}
}
