package peers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Lab is where the API is described, and what peers are started with.
type Lab struct {
	Folder  string // test/peers
	Work    string // folder for what peers write
	Bellhop string // program of the local service

	code, template string
	versions       map[string]string // of the peers, by package
}

// The places of Lab.Folder.
const (
	codeFile     = "index.js"
	templateFile = "template.yaml"
	packageFile  = "package.json"
	lockFile     = "package-lock.json"
	pythonFile   = "requirements.txt"
)

// codeMark stands in the template for the code; what follows unknownMark is not
// known to MiniStack.
const (
	codeMark    = "ZipFile: CODE"
	unknownMark = "  # MiniStack answers without these, and does not know them.\n"
)

// Open reads what the folder says.
func (l *Lab) Open() (err error) {
	if l.Folder, err = filepath.Abs(l.Folder); err != nil {
		return err
	}
	var texts []string
	for _, name := range []string{codeFile, templateFile, packageFile, pythonFile} {
		text, err := os.ReadFile(filepath.Join(l.Folder, name))
		if err != nil {
			return err
		}
		texts = append(texts, string(text))
	}
	l.code = texts[0]
	quoted, err := json.Marshal(l.code)
	if err != nil {
		return err
	}
	l.template = strings.Replace(texts[1], codeMark, "ZipFile: "+string(quoted), 1)
	if l.template == texts[1] || !strings.Contains(l.template, unknownMark) {
		return fmt.Errorf("%s has lost its marks", templateFile)
	}
	l.versions, err = versions(texts[2], texts[3])
	return err
}

// versions are those that package.json and requirements.txt ask for.
func versions(packages, requirements string) (map[string]string, error) {
	var p struct {
		Dependencies map[string]string `json:"dependencies"`
	}
	if err := json.Unmarshal([]byte(packages), &p); err != nil {
		return nil, fmt.Errorf("%s: %w", packageFile, err)
	}
	found := p.Dependencies
	if found == nil {
		found = map[string]string{}
	}
	for line := range strings.Lines(requirements) {
		if name, version, ok := strings.Cut(strings.TrimSpace(line), "=="); ok {
			found[name] = version
		}
	}
	return found, nil
}

// Peers are those that there are, Bellhop first.
func (l *Lab) Peers() []Peer {
	return []Peer{
		{"Bellhop", l.startBellhop},
		{"serverless-offline " + l.versions["serverless-offline"], l.startOffline},
		{"MiniStack " + l.versions["ministack"], l.startMiniStack},
	}
}

func (l *Lab) startBellhop(ctx context.Context) (*Running, error) {
	template := filepath.Join(l.Work, templateFile)
	if err := os.WriteFile(template, []byte(l.template), 0o600); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	p, err := launch(exec.Command(l.Bellhop, "--port", port, "--template", template, "--data", filepath.Join(l.Work, "bellhop")))
	if err != nil {
		return nil, err
	}
	return up(ctx, p, Site{Addr: local(port), Socket: "/live", Post: "/live"})
}

func (l *Lab) startOffline(ctx context.Context) (*Running, error) {
	if err := l.installNode(ctx); err != nil {
		return nil, err
	}
	var ports [3]string
	var err error
	for i := range ports {
		if ports[i], err = freePort(); err != nil {
			return nil, err
		}
	}
	cmd := exec.Command("node", "node_modules/serverless/bin/serverless.js", "offline", "start", "--host", "127.0.0.1",
		"--websocketPort", ports[0], "--httpPort", ports[1], "--lambdaPort", ports[2])
	cmd.Dir = l.Folder
	cmd.Env = append(os.Environ(), "SLS_TELEMETRY_DISABLED=1", "SLS_NOTIFICATIONS_MODE=off", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local")
	p, err := launch(cmd)
	if err != nil {
		return nil, err
	}
	return up(ctx, p, Site{Addr: local(ports[0]), Socket: "/"})
}

func (l *Lab) startMiniStack(ctx context.Context) (*Running, error) {
	if err := l.installPython(ctx); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(l.Folder, ".venv/bin/python"), "-m", "ministack")
	cmd.Dir = l.Work
	cmd.Env = append(os.Environ(), "BIND_HOST=127.0.0.1", "GATEWAY_PORT="+port)
	p, err := launch(cmd)
	if err != nil {
		return nil, err
	}
	known, _, _ := strings.Cut(l.template, unknownMark)
	var api string
	err = p.await(ctx, func() (err error) {
		api, err = createStack(ctx, "http://"+local(port), known)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	base := "/_aws/execute-api/" + api + "/live"
	return up(ctx, p, Site{Addr: local(port), Socket: base, Post: base})
}

func local(port string) string { return net.JoinHostPort("127.0.0.1", port) }

// freePort is a port on which nobody listens.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}
