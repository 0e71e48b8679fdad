package template_test

import (
	"strings"
	"testing"

	"bellhop/localdev/template"
)

func TestOverridesReachTheFunctions(t *testing.T) {
	t.Parallel()
	overrides, err := template.ParseOverrides("AllowedOrigins=.example.com,https://b.test RetentionDays=7 StageName=test")
	if err != nil {
		t.Fatal(err)
	}
	stack := loadShipped(t, &template.Options{Parameters: overrides, StackName: "other"})
	publish := functionNamed(t, stack, "PublishFunction")
	if got := publish.Environment["ALLOWED_ORIGINS"]; got != ".example.com,https://b.test" {
		t.Errorf("ALLOWED_ORIGINS: got %q", got)
	}
	if got := publish.Environment["RETENTION_DAYS"]; got != "7" {
		t.Errorf("RETENTION_DAYS: got %q, want 7", got)
	}
	if got := publish.Name; got != "other-publish" {
		t.Errorf("name: got %q, want other-publish", got)
	}
	if got := stack.WebSocketAPIs[0].Stages[0].Name; got != "test" {
		t.Errorf("stage: got %q, want test", got)
	}
}

func TestParameterConstraints(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, override, want string }{
		{"not one of", "Architecture=mips", `Architecture: "mips" is not one of arm64, x86_64`},
		{"not a number", "RetentionDays=long", `RetentionDays: "long" is not a number`},
		{"too small", "RetentionDays=0", `RetentionDays: "0" breaks MinValue 1`},
		{"too large", "RetentionDays=3651", `RetentionDays: "3651" breaks MaxValue 3650`},
		{"not of the pattern", "StageName=$default", `StageName: "$default" does not match`},
		{"unknown", "Nope=1", "Nope: no such parameter"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			overrides, err := template.ParseOverrides(c.override)
			if err != nil {
				t.Fatal(err)
			}
			_, err = template.Load(shipped, &template.Options{Parameters: overrides})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want %q", err, c.want)
			}
		})
	}
}

func TestParameterWithoutAValue(t *testing.T) {
	t.Parallel()
	src := "Parameters:\n  Secret:\n    Type: String\n    NoEcho: true\n    MinLength: 3\nResources:\n  T: {Type: 'AWS::SNS::Topic'}\n"
	_, err := template.Parse("t.yaml", []byte(src), nil)
	if got, want := faultsOf(t, err)[0].Error(), "t.yaml:2: Secret: no value: it has no Default, and none was given"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, err = template.Parse("t.yaml", []byte(src), &template.Options{Parameters: map[string]string{"Secret": "ab"}})
	if got, want := faultsOf(t, err)[0].Error(), "t.yaml:2: Secret: the value breaks MinLength 3"; got != want {
		t.Errorf("got %q, want %q: a hidden value must not be shown", got, want)
	}
}
