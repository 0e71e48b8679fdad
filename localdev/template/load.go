package template

import (
	"fmt"
	"os"
)

// Options says what to resolve a template with. A nil *Options, and every empty
// field, stands for the default.
type Options struct {
	// Parameters overrides the defaults of the template's parameters, see
	// ParseOverrides.
	Parameters map[string]string
	// StackName is AWS::StackName, "bellhop" unless set.
	StackName string
	// Region is AWS::Region, "eu-west-1" unless set.
	Region string
	// Account is AWS::AccountId, "123456789012" unless set.
	Account string
	// Imports are what ImportValue gives, by the export's name. One that is not
	// among them is a fault where its value is needed.
	Imports map[string]string
}

func (o *Options) withDefaults() Options {
	filled := Options{StackName: "bellhop", Region: "eu-west-1", Account: "123456789012"}
	if o == nil {
		return filled
	}
	filled.Parameters, filled.Imports = o.Parameters, o.Imports
	for _, f := range []struct{ given, to *string }{
		{&o.StackName, &filled.StackName}, {&o.Region, &filled.Region}, {&o.Account, &filled.Account},
	} {
		if *f.given != "" {
			*f.to = *f.given
		}
	}
	return filled
}

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
	f := newFaults(file)
	root := parse(src, f)
	if root == nil {
		return nil, f.err()
	}
	o := opts.withDefaults()
	e := &evaluator{
		faults:     f,
		warnings:   newFaults(file),
		doc:        read(root, f),
		pseudo:     pseudoParameters(o),
		parameters: map[string]value{},
		conditions: map[string]*truth{},
		names:      map[string]*name{},
		imports:    o.Imports,
		spent:      new(int),
	}
	stack := &Stack{File: file, Name: o.StackName, Region: o.Region, Account: o.Account}
	stack.Parameters = e.readParameters(o.Parameters)
	e.walk()
	newBuilder(e, stack).build()
	if *e.spent > maxBytes {
		e.add(place{}, 0, "resolves to more than %d MB", maxBytes>>20)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	stack.Warnings = e.warnings.sorted()
	return stack, nil
}

func pseudoParameters(o Options) map[string]value {
	texts := map[string]string{
		"AWS::StackName": o.StackName, "AWS::Region": o.Region, "AWS::AccountId": o.Account,
		"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com",
		"AWS::StackId": "arn:aws:cloudformation:" + o.Region + ":" + o.Account +
			":stack/" + o.StackName + "/00000000-0000-4000-8000-000000000000",
	}
	all := map[string]value{"AWS::NoValue": {}, "AWS::NotificationARNs": {kind: list}}
	for name, s := range texts {
		all[name] = textValue(s, 0)
	}
	return all
}
