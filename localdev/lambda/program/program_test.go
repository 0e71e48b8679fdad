package program_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"bellhop/localdev/lambda/nodejs"
	"bellhop/localdev/lambda/program"
	"bellhop/localdev/template"
	"bellhop/localdev/tools"
)

// project is a folder with files of which the template is not needed.
type project struct {
	t   *testing.T
	dir string
	o   program.Options
}

func newProject(t *testing.T, files map[string]string) project {
	t.Helper()
	found, err := tools.Find()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o700)); err != nil { //nolint:gosec // bootstrap is executable
			t.Fatal(err)
		}
	}
	return project{t, dir, program.Options{
		Template: filepath.Join(dir, "template.yaml"), Tools: found, Inline: filepath.Join(dir, "inline"),
		Node: func() (nodejs.Client, error) {
			return nodejs.Client{Main: "/client/main.mjs", Hosts: `/a folder/hosts.cjs`}, nil
		},
	}}
}

func function(runtime, handler string) template.Function {
	return template.Function{Part: template.Part{LogicalID: "Chat"}, Runtime: runtime, Handler: handler, CodeURI: "src/"}
}

func (p project) find(f template.Function) program.Program {
	p.t.Helper()
	found, err := program.Find(f, p.o)
	if err != nil {
		p.t.Fatalf("find: %v", err)
	}
	return found
}

// fails wants an error that has all the words.
func (p project) fails(f template.Function, words ...string) {
	p.t.Helper()
	_, err := program.Find(f, p.o)
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), strings.ReplaceAll(word, "DIR", p.dir)) {
			p.t.Errorf("%s: got %v, want %q in it", f.Runtime, err, word)
		}
	}
}

func TestNode(t *testing.T) {
	p := newProject(t, map[string]string{
		"src/app.mjs": "", "src/package.json": `{"dependencies": {"here": "1", "@scope/above": "1", "@aws-sdk/client-dynamodb": "3"}}`,
		"src/node_modules/here/package.json": "{}", "node_modules/@scope/above/package.json": "{}",
	})
	f := function("nodejs22.x", "app.handler")
	f.Environment = map[string]string{"NODE_OPTIONS": "--enable-source-maps"}
	got := p.find(f)
	if !slices.Equal(got.Args, []string{"/client/main.mjs"}) || got.Root != filepath.Join(p.dir, "src") || got.Identity != "nodejs22.x" {
		t.Errorf("got %+v, want the client in src", got)
	}
	if want := `--enable-source-maps --require "/a folder/hosts.cjs"`; got.Env["NODE_OPTIONS"] != want {
		t.Errorf("NODE_OPTIONS: got %s, want %s", got.Env["NODE_OPTIONS"], want)
	}
}

func TestNode_WhatIsMissingIsSaidWithItsCure(t *testing.T) {
	p := newProject(t, map[string]string{
		"src/app.js": "", "src/typed.ts": "", "src/package.json": `{"dependencies": {"left-pad": "1", "is-odd": "1"}}`,
	})
	p.fails(function("nodejs22.x", "app.handler"), "DIR/src/package.json that are not installed: is-odd, left-pad", "sam build", "npm install --omit=dev --prefix DIR/src")
	p.fails(function("nodejs22.x", "typed.handler"), "DIR/src/typed.ts is not compiled", "sam build")
	p.fails(function("nodejs22.x", "absent.handler"), "no file DIR/src/absent.js or .mjs or .cjs")
	p.fails(function("nodejs22.x", "../app.handler"), `handler "../app.handler"`)
	f := function("nodejs22.x", "app.handler")
	f.CodeURI = "elsewhere"
	p.fails(f, "no folder DIR/elsewhere, its CodeUri")
}

func TestBuiltCodeComesFirst(t *testing.T) {
	p := newProject(t, map[string]string{"src/app.js": "", ".aws-sam/build/Chat/app.js": ""})
	if got, want := p.find(function("nodejs22.x", "app.handler")).Root, filepath.Join(p.dir, ".aws-sam/build/Chat"); got != want {
		t.Errorf("root: got %s, want %s", got, want)
	}
}

func TestInlineCode(t *testing.T) {
	p := newProject(t, nil)
	for runtime, file := range map[string]string{"nodejs22.x": "index.js", "python3.12": "index.py"} {
		f := function(runtime, "index.handler")
		f.CodeURI, f.Inline = "", "code"
		got := p.find(f)
		if content, err := os.ReadFile(filepath.Join(got.Root, file)); err != nil || string(content) != "code" {
			t.Errorf("%s: got %q, %v, want the template's code", file, content, err)
		}
	}
}

func TestPython(t *testing.T) {
	p := newProject(t, map[string]string{
		"src/app.py": "", "src/requirements.txt": "# the SDK\nboto3>=1.26  # given\nLocal_Package==1\n-r other.txt\n",
		"src/local_package-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: local.package\nVersion: 1.0\n",
	})
	got := p.find(function("python3.12", "app.handler"))
	if !slices.Equal(got.Args, []string{"-m", "awslambdaric", "app.handler"}) || got.Root != filepath.Join(p.dir, "src") {
		t.Errorf("got %+v, want the runtime client in src", got)
	}
}

func TestPython_WhatIsMissingIsSaidWithItsCure(t *testing.T) {
	p := newProject(t, map[string]string{"src/app.py": "", "src/requirements.txt": "a-package-that-nobody-has[extra]==1\n"})
	p.fails(function("python3.12", "app.handler"), "not installed: a-package-that-nobody-has", "sam build", "-m pip install -r DIR/src/requirements.txt -t DIR/src")
	p.fails(function("python3.12", "absent.handler"), "no file DIR/src/absent.py")
	bare := newProject(t, map[string]string{"src/app.py": "", "python": "#!/bin/sh\necho awslambdaric\n"})
	bare.o.Tools.PythonAt = filepath.Join(bare.dir, "python")
	bare.fails(function("python3.12", "app.handler"), "has no awslambdaric", "pip install awslambdaric")
}

// Layers of the template stand before what Lambda brings, the last one first.
func TestLayers(t *testing.T) {
	p := newProject(t, map[string]string{
		"src/app.js": "", "src/package.json": `{"dependencies": {"left-pad": "1"}}`, "src/app.py": "", "src/requirements.txt": "local-package\n",
		"one/nodejs/node_modules/left-pad/index.js": "", "one/python/x.py": "", "two/nodejs/node22/node_modules/x/index.js": "", "raw/x.py": "",
		".aws-sam/build/Two/python/local_package-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: local-package\nVersion: 1.0\n",
	})
	one := template.Layer{Part: template.Part{LogicalID: "One"}, ContentURI: "one"}
	two := template.Layer{Part: template.Part{LogicalID: "Two"}, ContentURI: "two", BuildMethod: "python3.12"}
	other := template.Layer{Part: template.Part{LogicalID: "Other"}, ContentURI: "two"}
	f := function("nodejs22.x", "app.handler")
	f.LocalLayers = []template.Layer{one, other}
	in := func(path string) string { return filepath.Join(p.dir, path) }
	list := string(os.PathListSeparator)
	got := p.find(f)
	if want := in("two/nodejs/node22/node_modules") + list + in("one/nodejs/node_modules") + list; !strings.HasPrefix(got.Env["NODE_PATH"], want) {
		t.Errorf("NODE_PATH: got %s, want %s…", got.Env["NODE_PATH"], want)
	}
	if want := in("two") + list + in("one"); got.Env["BELLHOP_LAYERS"] != want {
		t.Errorf("BELLHOP_LAYERS: got %s, want %s", got.Env["BELLHOP_LAYERS"], want)
	}
	f = function("python3.12", "app.handler")
	f.Environment = map[string]string{"PYTHONPATH": "/own"}
	f.LocalLayers = []template.Layer{one, two}
	if got, want := p.find(f).Env["PYTHONPATH"], in(".aws-sam/build/Two/python")+list+in("one/python")+list+"/own"; got != want {
		t.Errorf("PYTHONPATH: got %s, want %s", got, want)
	}
	f.LocalLayers = []template.Layer{{Part: template.Part{LogicalID: "Raw"}, ContentURI: "raw", BuildMethod: "python3.12"}}
	p.fails(f, "layer Raw is not built", "sam build")
	f.LocalLayers = []template.Layer{{Part: template.Part{LogicalID: "Lost"}, ContentURI: "lost"}}
	p.fails(f, "layer Lost: no folder DIR/lost")
}

func TestBinary(t *testing.T) {
	p := newProject(t, map[string]string{"src/bootstrap": "#!/bin/sh\n", "bin/src/bootstrap": "#!/bin/sh\n"})
	f := function("provided.al2023", "bootstrap")
	if got := p.find(f); got.Path != filepath.Join(p.dir, "src/bootstrap") || got.Identity != "provided.al2023" {
		t.Errorf("without a folder of binaries: got %+v, want the one in src", got)
	}
	p.o.Binaries = filepath.Join(p.dir, "bin")
	if got, want := p.find(f).Path, filepath.Join(p.dir, "bin/src/bootstrap"); got != want {
		t.Errorf("with one: got %s, want %s", got, want)
	}
}

func TestBinary_WhatIsMissingIsSaidWithItsCure(t *testing.T) {
	p := newProject(t, map[string]string{"src/main.go": ""})
	p.fails(function("provided.al2023", "bootstrap"), "no bootstrap in DIR/.aws-sam/build/Chat, DIR/src", "sam build", "go build -C DIR/src -o bootstrap .")
	machine := map[string]string{"amd64": "\xb7", "arm64": "\x3e"}[runtime.GOARCH] // the other one
	header := "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x02\x00" + machine + "\x00\x01\x00\x00\x00" + strings.Repeat("\x00", 24) + "\x00\x00\x00\x00\x40\x00\x38\x00\x00\x00\x40\x00\x00\x00\x00\x00"
	foreign := newProject(t, map[string]string{"src/bootstrap": header})
	foreign.fails(function("provided.al2023", "bootstrap"), "DIR/src/bootstrap is built for EM_", "GOARCH="+runtime.GOARCH)
}

func TestUnsupported(t *testing.T) {
	p := newProject(t, nil)
	for _, f := range []template.Function{function("java21", "App::handle"), {Runtime: "nodejs22.x"}, {Image: "image"}} {
		if _, err := program.Find(f, p.o); !errors.Is(err, program.ErrUnsupported) {
			t.Errorf("%+v: got %v, want ErrUnsupported", f, err)
		}
	}
}
