package template_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/template"
)

// Whatever fits into a large template is read, or refused, in a time that does not grow with
// its square: half a minute leaves room for busy machines.
func TestHugeTemplates(t *testing.T) {
	const limit = 1 << 19 // half of what is taken: the race detector is slow
	repeat := func(format string, size int) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	whole := func(format string) string { return repeat(format, limit-256) }
	half := func(format string) string { return repeat(format, limit/2-256) }
	cases := map[string]string{
		"brackets":       strings.Repeat("[", limit),
		"deep mappings":  "Resources: " + strings.Repeat("{a: ", limit/4-8),
		"deep calls":     "Resources: {T: {Type: t, Properties: " + strings.Repeat("!Not [", limit/6-16),
		"resources":      "Resources:\n" + whole("  R%d: {Type: t}\n"),
		"SAM, lost refs": "Transform: AWS::Serverless-2016-10-31\nResources:\n" + half("  R%d: {Type: 'AWS::Serverless::Api'}\n") + "\n  Z: {Type: t, Properties: [\n" + half("!Ref X%d,\n") + "]}\n",
		"variables":      "Globals: {Function: {Environment: {Variables: {\n" + half("V%d: x,\n") + "}}}}\nResources: {F: {Type: AWS::Serverless::Function, Properties: {Environment: {Variables: {\n" + half("V%d: y,\n") + "}}}}}\n",
		"faults":         "Resources: {T: {Type: t, Properties: [\n" + whole("!Nope %d,\n") + "]}}",
		"aliases":        "Metadata: &m [x]\nResources: {T: {Type: t, Properties: [" + strings.Repeat("*m,", limit/4) + "]}}",
	}
	for name, src := range cases {
		t.Run(name, func(t *testing.T) {
			started := time.Now()
			if _, err := template.Parse("t.yaml", []byte(src), nil); err != nil {
				faultsOf(t, err)
			}
			if took := time.Since(started); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}
