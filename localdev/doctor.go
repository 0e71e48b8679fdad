package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"bellhop/localdev/doctor"
	"bellhop/localdev/template"
)

// errFound makes the exit status 1 when there are warnings: they have been told.
var errFound = errors.New("the template would fail on AWS")

// diagnose is the subcommand doctor: it reads a template and reports what would
// fail only after deployment. The error is errFound when anything would; advice
// is none.
func diagnose(args []string, out io.Writer) error {
	var path, parameters, output string
	var imported imports
	f := flag.NewFlagSet("localdev doctor", flag.ContinueOnError)
	f.StringVar(&path, "template", "template.yaml", "SAM or CloudFormation template to look at")
	f.StringVar(&parameters, "parameter-overrides", "", `values of its parameters: "Name=value Other=value"`)
	f.Var(&imported, "import-value", "what Fn::ImportValue gives, as NAME=VALUE; may stand several times")
	f.StringVar(&output, "output", "text", "form of the report: text or json")
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if !slices.Contains(doctor.Formats(), output) {
		return fmt.Errorf("--output: want text or json, got %q", output)
	}
	overrides, err := template.ParseOverrides(parameters)
	if err != nil {
		return fmt.Errorf("--parameter-overrides: %w", err)
	}
	stack, err := template.Load(path, &template.Options{Parameters: overrides, Imports: imported})
	if err != nil {
		return err
	}
	findings := doctor.Check(stack, os.DirFS(filepath.Dir(path)))
	if err := doctor.Report(out, output, findings); err != nil {
		return err
	}
	if doctor.Fails(findings) {
		return errFound
	}
	return nil
}
