package template_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"bellhop/localdev/template"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shipped is the template that deploys.
const shipped = "../../template.yaml"

// loadShipped reads the template that deploys, with the defaults of its
// parameters unless opts says otherwise.
func loadShipped(t testing.TB, opts *template.Options) *template.Stack {
	t.Helper()
	stack, err := template.Load(shipped, opts)
	if err != nil {
		t.Fatalf("load %s: %v", shipped, err)
	}
	return stack
}

func shippedText(t testing.TB) string {
	t.Helper()
	src, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// faultsOf gives the faults that an error of Load or Parse joins.
func faultsOf(t testing.TB, err error) []*template.Fault {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("got error %v (%T), want joined faults", err, err)
	}
	var all []*template.Fault
	for _, one := range joined.Unwrap() {
		var fault *template.Fault
		if !errors.As(one, &fault) {
			t.Fatalf("got error %v (%T), want *Fault", one, one)
		}
		all = append(all, fault)
	}
	return all
}

// output resolves one value: the Value of an output in a template with the given
// other sections.
func output(t testing.TB, value, sections string) (string, error) {
	t.Helper()
	src := sections + "\nOutputs:\n  Out:\n    Value: " + value + "\n"
	if !strings.Contains(sections, "Resources:") {
		src = "Resources:\n  Topic: {Type: 'AWS::SNS::Topic'}\n" + src
	}
	stack, err := template.Parse("t.yaml", []byte(src), nil)
	if err != nil {
		return "", err
	}
	return stack.Outputs[0].Value, nil
}
