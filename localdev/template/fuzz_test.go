package template_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellhop/localdev/template"
)

// FuzzParse: whatever the text, Parse returns a stack or faults.
func FuzzParse(f *testing.F) {
	f.Add(shippedText(f))
	f.Add(values + "Outputs:\n  O: {Value: !Sub ['${A}', {A: !Select [0, !Split [',', 'a,b']]}]}\n")
	f.Add("Resources:\n  A: &a {Type: x, Properties: *a}\n")
	f.Add("Resources: {F: {Type: 'AWS::Lambda::Function', Properties: {FunctionName: !Ref F}}}")
	f.Add("Conditions: {A: !Or [!Condition B, !Condition A], B: !Not [!Condition A]}\nResources: {T: {Type: t, Condition: A}}")
	f.Add("Globals: {Function: {Environment: {Variables: {A: b}}}}\nResources:\n  F: {Type: 'AWS::Serverless::Function', Properties: {InlineCode: x, Role: !GetAtt R.Arn, Events: {E: {Type: HttpApi}}}}\n  R: {Type: 'AWS::IAM::Role'}\n")
	f.Add(testdata(f, "chat-sam.yaml"))
	f.Add(testdata(f, "chat-plain.json"))
	f.Add("Resources:\n  R: {Type: 'AWS::ApiGatewayV2::Route', Properties: {ApiId: !GetAtt R.RouteId, Target: []}}\n")
	// YAML ends a line with more than \n.
	breaks := strings.NewReplacer("\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")
	f.Fuzz(func(t *testing.T, src string) {
		most := strings.Count(breaks.Replace(src), "\n") + 2
		_, err := template.Parse("fuzz.yaml", []byte(src), nil)
		if err != nil {
			for _, fault := range faultsOf(t, err) {
				if fault.Message == "" || fault.Line < 0 || fault.Line > most {
					t.Errorf("got fault %+v, want a message and a line of the text", *fault)
				}
			}
		}
	})
}

func testdata(t testing.TB, name string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}
