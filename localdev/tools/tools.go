// Package tools finds what `make setup` installs in this repository and the
// local service runs: the DynamoDB engine, the Python with Lambda's runtime
// client, the AWS SDK for Node.js functions.
//
// Nothing is started and nothing is installed here. What is not there is an
// error that names its place and the cure. The repository is looked for from
// a folder upwards.
package tools

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// marker is a file that only the repository's root has.
const marker = "test/engines/package.json"

// Tools knows where the programs are. Fields that are set win over what is
// installed.
type Tools struct {
	EngineAt  string // program of the DynamoDB engine
	PythonAt  string // program
	NodeAt    string // program
	ModulesAt string // folder of packages for Node.js functions

	root string // absolute; empty outside the repository
}

// Find looks for the repository from the current folder upwards.
func Find() (Tools, error) {
	dir, err := os.Getwd()
	if err != nil {
		return Tools{}, fmt.Errorf("find the current folder: %w", err)
	}
	return Under(dir), nil
}

// Under looks for the repository from a folder upwards.
func Under(dir string) Tools {
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, marker)); err == nil {
			return Tools{root: dir}
		}
		if dir == filepath.Dir(dir) {
			return Tools{}
		}
	}
}

// With gives the fields of over, and what is installed for those not set.
func (t Tools) With(over Tools) Tools {
	over.root = t.root
	return over
}

// Engine is the program of the DynamoDB engine.
func (t Tools) Engine() (string, error) {
	return t.installed(t.EngineAt, "test/engines/node_modules/@dynoxide/linux-x64/dynoxide", "DynamoDB engine", "--dynamodb URL names one that runs")
}

// Python is the program that has Lambda's runtime client, awslambdaric, and the
// AWS SDK.
func (t Tools) Python() (string, error) {
	return t.installed(t.PythonAt, ".venv/bin/python", "Python with awslambdaric", "--python names another one")
}

// NodeModules is the folder of packages that Lambda's Node.js runtimes bring
// along.
func (t Tools) NodeModules() (string, error) {
	return t.installed(t.ModulesAt, "test/runtimes/node_modules", "AWS SDK for Node.js functions", "--node-modules names another folder")
}

// Node is the program that runs JavaScript, from the path.
func (t Tools) Node() (string, error) {
	if t.NodeAt != "" {
		return t.NodeAt, nil
	}
	path, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("no Node.js, which the template's functions need: install it, or name it with --node: %w", err)
	}
	return path, nil
}

func (t Tools) installed(at, path, what, otherwise string) (string, error) {
	if at != "" {
		return filepath.Abs(at)
	}
	if t.root == "" {
		return "", errors.New("no " + what + ": run localdev inside its repository, or: " + otherwise)
	}
	full := filepath.Join(t.root, path)
	if _, err := os.Stat(full); err != nil {
		return "", fmt.Errorf("no %s at %s: run `make setup`, or: %s", what, path, otherwise)
	}
	return full, nil
}
