// Package build compiles functions for tests and benchmarks, as they deploy but
// for this machine's processor: stripped, without file paths, without the RPC
// mode that Lambda no longer uses. The Go tool must be on the path.
package build

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Functions compiles main packages into dir and returns nil once each is at
// dir/<name>/bootstrap, the name being the last part of its path. Packages are
// patterns as the Go tool takes them, such as bellhop/functions/...; it runs in
// the current folder.
func Functions(dir string, packages ...string) error {
	args := append([]string{"build", "-buildvcs=false", "-trimpath", "-ldflags", "-s -w", "-tags", "lambda.norpc", "-o", dir + "/"}, packages...)
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %v: %w\n%s", packages, err, out)
	}
	built, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("list what was built: %w", err)
	}
	var errs []error
	for _, file := range built {
		if file.Type().IsRegular() {
			errs = append(errs, settle(filepath.Join(dir, file.Name())))
		}
	}
	return errors.Join(errs...)
}

// settle moves a file into a folder of its name.
func settle(path string) error {
	aside := path + ".built"
	if err := os.Rename(path, aside); err != nil {
		return fmt.Errorf("settle %s: %w", path, err)
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return fmt.Errorf("settle %s: %w", path, err)
	}
	return os.Rename(aside, filepath.Join(path, "bootstrap"))
}
