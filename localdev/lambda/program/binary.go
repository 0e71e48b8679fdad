package program

import (
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"bellhop/localdev/template"
)

// processors are the machines of ELF files, by Go's names.
var processors = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// binary finds a function's own program.
func binary(f template.Function, o Options) (Program, error) {
	var folders []string
	if o.Binaries != "" {
		folders = append(folders, filepath.Join(o.Binaries, f.LogicalID), filepath.Join(o.Binaries, path.Base(f.CodeURI)))
	}
	folders = append(folders, built(f, o))
	if f.CodeURI != "" {
		folders = append(folders, source(f, o))
	}
	for _, dir := range folders {
		at := filepath.Join(dir, "bootstrap")
		if !isFile(at) {
			continue
		}
		if err := fits(at); err != nil {
			return Program{}, err
		}
		root, err := filepath.Abs(dir)
		return Program{Path: at, Root: root, Identity: f.Runtime}, err
	}
	return Program{}, fmt.Errorf("no bootstrap in %s: for Go, run CGO_ENABLED=0 go build -C %s -o bootstrap . or sam build; else build it",
		strings.Join(folders, ", "), source(f, o))
}

// fits refuses an ELF file for another processor, which the kernel would refuse
// with few words. Scripts and whatever else there is may try.
func fits(at string) error {
	file, err := elf.Open(at)
	if unreadable := (*fs.PathError)(nil); errors.As(err, &unreadable) {
		return fmt.Errorf("read %s: %w", at, err)
	} else if err != nil {
		return nil // no ELF file
	}
	defer file.Close()
	if want, known := processors[runtime.GOARCH]; known && file.Machine != want {
		return fmt.Errorf("%s is built for %s, this machine is %s: build it for this one (GOARCH=%s)", at, file.Machine, want, runtime.GOARCH)
	}
	return nil
}
