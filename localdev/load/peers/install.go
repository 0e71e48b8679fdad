package peers

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// stamp, in the folder of what is installed, is a copy of the list that it was
// installed from.
const stamp = ".installed"

func (l *Lab) installNode(ctx context.Context) error {
	return l.install(ctx, "node_modules", lockFile,
		[]string{"npm", "ci", "--loglevel=error", "--ignore-scripts", "--no-audit", "--no-fund"})
}

func (l *Lab) installPython(ctx context.Context) error {
	return l.install(ctx, ".venv", pythonFile,
		[]string{"python3", "-m", "venv", "--clear", ".venv"},
		[]string{".venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", pythonFile})
}

// install runs the steps that bring what list names into the folder, unless
// they have run for this list.
func (l *Lab) install(ctx context.Context, folder, list string, steps ...[]string) error {
	want, err := os.ReadFile(filepath.Join(l.Folder, list))
	if err != nil {
		return err
	}
	at := filepath.Join(l.Folder, folder, stamp)
	if have, err := os.ReadFile(at); err == nil && bytes.Equal(have, want) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, installWithin)
	defer cancel()
	for _, step := range steps {
		cmd := exec.CommandContext(ctx, step[0], step[1:]...)
		cmd.Dir = l.Folder
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("install: %s: %w\n%s", strings.Join(step, " "), err, tail(out))
		}
	}
	return os.WriteFile(at, want, 0o600)
}

// tail is the end of what a program wrote.
func tail(out []byte) []byte { return bytes.TrimSpace(out[max(0, len(out)-2000):]) }
