package template

import (
	"fmt"
	"os"

	"bellhop/localdev/template/reader"
)

// Options says what to resolve a template with. A nil *Options, and every empty
// field, stands for the default.
type Options = reader.Options

// Part says where a piece of the template stands.
type Part = reader.Part

// Parameter is one of the template's parameters with the value it got.
type Parameter = reader.Parameter

// Fault is one thing that is wrong with a template.
type Fault = reader.Fault

// ParseOverrides reads parameter values as `sam` takes them after
// --parameter-overrides: "Name=value Other=value". The error names the word that
// is wrong.
func ParseOverrides(text string) (map[string]string, error) { return reader.ParseOverrides(text) }

// Load reads the template at path. The error of a template that is wrong joins
// one *Fault for each thing that is wrong, in the order of their lines; any other
// error is that of reading the file.
func Load(path string, opts *Options) (*Stack, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	return Parse(path, src, opts)
}

// Parse is Load for a template that is in memory; file names it in faults.
func Parse(file string, src []byte, opts *Options) (*Stack, error) {
	e, faults := reader.Open(file, src, opts)
	if e == nil {
		return nil, faults.Err()
	}
	o := e.Options
	stack := &Stack{File: file, Name: o.StackName, Region: o.Region, Account: o.Account, Parameters: e.Declared}
	newBuilder(e, stack).build()
	if err := e.Close(); err != nil {
		return nil, err
	}
	stack.Warnings = e.Warnings.Sorted()
	return stack, nil
}
