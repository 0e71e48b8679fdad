package runtime_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bellhop/localdev/lambda"
	"bellhop/localdev/lambda/runtime"
	"bellhop/localdev/lambda/runtime/build"
)

// BenchmarkColdStart starts each function anew for each iteration and gives the
// time from the start of its process until it asks for its first invocation
// (median and least), and the size of its binary; beside it a function that does
// nothing, which is what every Go function costs.
func BenchmarkColdStart(b *testing.B) {
	dir := b.TempDir()
	if err := build.Functions(dir, "bellhop/functions/...", "./testdata/empty"); err != nil {
		b.Fatal(err)
	}
	folders, err := os.ReadDir(dir)
	if err != nil {
		b.Fatal(err)
	}
	for _, folder := range folders {
		b.Run(folder.Name(), func(b *testing.B) { coldStart(b, filepath.Join(dir, folder.Name(), "bootstrap")) })
	}
}

func coldStart(b *testing.B, binary string) {
	info, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	var times []time.Duration
	for b.Loop() {
		times = append(times, oneStart(b, binary))
	}
	slices.Sort(times)
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	b.ReportMetric(ms(times[len(times)/2]), "ms/start")
	b.ReportMetric(ms(times[0]), "ms/least")
	b.ReportMetric(float64(info.Size())/1e6, "MB")
	b.ReportMetric(0, "ns/op")
}

// oneStart starts a process, by an invocation that needs nothing outside it.
func oneStart(b *testing.B, binary string) time.Duration {
	r, err := runtime.New(binary, lambda.Spec{
		Name: "cold", ARN: "arn:aws:lambda:eu-west-1:123456789012:function:cold", Timeout: 10 * time.Second,
	}, runtime.Options{Env: map[string]string{
		"INBOX_TABLE": "Inbox", "CONNECTIONS_TABLE": "Connections", "SESSIONS_TABLE": "Sessions",
		"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ENDPOINT_URL": "http://127.0.0.1:1", // nobody listens there
	}})
	if err != nil {
		b.Fatal(err)
	}
	// For most an empty event is a mistake, for the sweep a record it does not want.
	if _, err := r.Invoke(context.Background(), []byte(`{"Records":[{"eventName":"INSERT"}]}`)); err != nil {
		b.Fatal(err)
	}
	init := r.Stats().LastInit
	if err := r.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
	return init
}
