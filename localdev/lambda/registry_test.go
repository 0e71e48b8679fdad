package lambda_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"bellhop/localdev/lambda"
)

func TestRegistryAnswersToEveryName(t *testing.T) {
	arnOf := func(ctx context.Context) (string, error) {
		lc, _ := lambdacontext.FromContext(ctx)
		return lc.InvokedFunctionArn, nil
	}
	r := one(t, arnOf, lambda.Spec{})
	const prefix = "arn:aws:lambda:eu-west-1:123456789012:function:"
	for name, want := range map[string]string{
		"bellhop-publish":                              publishARN,
		"PublishFunction":                              publishARN,
		"bellhop-publish:live":                         publishARN + ":live",
		"PublishFunction:$LATEST":                      publishARN + ":$LATEST",
		"function:bellhop-publish":                     publishARN,
		"function:bellhop-publish:7":                   publishARN + ":7",
		"123456789012:function:bellhop-publish":        publishARN,
		"123456789012:function:bellhop-publish:live_2": publishARN + ":live_2",
		publishARN:                 publishARN,
		publishARN + ":live":       publishARN + ":live",
		prefix + "PublishFunction": publishARN,
	} {
		got, err := r.Invoke(t.Context(), name, nil)
		if err != nil || string(got) != `"`+want+`"` {
			t.Errorf("Invoke(%q): got %s, %v; want the function to see %q", name, got, err, want)
		}
	}
	for _, name := range []string{
		"", ":", "bellhop", "bellhop-publish:", "bellhop-publish:a b", "bellhop-publish:live:live",
		":bellhop-publish", "999999999999:function:bellhop-publish", "arn:aws:lambda:us-east-1:123456789012:function:bellhop-publish",
	} {
		if _, err := r.Invoke(t.Context(), name, nil); !errors.Is(err, lambda.ErrNotFound) {
			t.Errorf("Invoke(%q): got error %v, want ErrNotFound", name, err)
		}
	}
}

func TestRegistryRefusesWhatCannotWork(t *testing.T) {
	runner := lambda.InProcess(func() error { return nil }, lambda.Spec{})
	_, err := lambda.NewRegistry([]lambda.Function{
		{LogicalID: "A", Spec: lambda.Spec{Name: "a"}, Runner: runner},
		{LogicalID: "B", Spec: lambda.Spec{Name: "A"}, Runner: runner},
		{LogicalID: "C", Runner: runner},
		{LogicalID: "D", Spec: lambda.Spec{Name: "d"}},
	})
	for _, want := range []string{`both answer to "A"`, `(C): a name`, `(D): a name`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("NewRegistry: got error %v, want it to say %q", err, want)
		}
	}
}

func TestEmptyPayloadReachesTheFunctionAsEmptyObject(t *testing.T) {
	echo := func(in map[string]any) (map[string]any, error) { return in, nil }
	got, err := one(t, echo, lambda.Spec{}).Invoke(t.Context(), "bellhop-publish", nil)
	if err != nil || string(got) != "{}" {
		t.Errorf("Invoke with no payload: got %s, %v; want {}", got, err)
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"bellhop-publish", "bellhop-publish:live", publishARN, publishARN + ":$LATEST", "::", ""} {
		f.Add(s)
	}
	r := one(f, func() error { return nil }, lambda.Spec{})
	f.Fuzz(func(t *testing.T, name string) {
		fn, qualifier, err := r.Find(name)
		if err != nil {
			return
		}
		base := strings.TrimSuffix(name, ":"+qualifier)
		if qualifier == "" {
			base = name
		}
		if again, q, err := r.Find(base); again != fn || q != "" || err != nil {
			t.Errorf("Find(%q) found %q and %q, but Find(%q) gives %v, %q, %v", name, fn.Spec.Name, qualifier, base, again, q, err)
		}
	})
}
