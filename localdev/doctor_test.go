package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellhop/localdev/doctor"
)

func TestDoctorFindsNothingInWhatDeploys(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := command(context.Background(), []string{"doctor", "--template", "../template.yaml"}, &out)
	if err != nil || out.String() != "nothing found\n" {
		t.Errorf("got %q, %v; want nothing found", out.String(), err)
	}
}

func TestDoctorReports(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "template.json")
	src := `{"Resources": {"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET", "Name": {"Fn::ImportValue": "name"}}}}}`
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err := command(context.Background(), []string{"doctor", "--template", path, "--import-value", "name=chat", "--output", "json"}, &out)
	if !errors.Is(err, errFound) {
		t.Fatalf("got error %v, want errFound", err)
	}
	var report struct{ Findings []doctor.Finding }
	if err := json.Unmarshal([]byte(out.String()), &report); err != nil {
		t.Fatalf("got %q: %v", out.String(), err)
	}
	if len(report.Findings) != 1 || report.Findings[0].Rule != "route-selection" || report.Findings[0].Line != 1 {
		t.Errorf("got %+v, want route-selection on line 1", report.Findings)
	}
}

// Advice is reported, and is no failure.
func TestDoctorGivesAdvice(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("doctor/testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(src), "Deployment1f0c9a7e42", "Deployment")), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := diagnose([]string{"--template", path}, &out); err != nil || !strings.Contains(out.String(), "(deployment-frozen, advice)\n") {
		t.Errorf("got %q, %v; want the advice and no error", out.String(), err)
	}
}

func TestDoctorRefusesFlags(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"output":       {"--output", "xml"},
		"argument":     {"template.yaml"},
		"parameters":   {"--parameter-overrides", "x"},
		"import value": {"--import-value", "x"},
		"no file":      {"--template", "nowhere.yaml"},
	} {
		var out strings.Builder
		if err := diagnose(args, &out); err == nil || errors.Is(err, errFound) {
			t.Errorf("%s: got error %v, want one about the flag", name, err)
		}
	}
}
