package main

import (
	"strings"
	"testing"
	"time"
)

func TestReport_IsAMarkdownTable(t *testing.T) {
	var out strings.Builder
	report(&out, []line{
		{"Bellhop", []cell{{1234567.4, 0.75, 290 * time.Microsecond}, {999.6, 2, 0}, {18, 0.0021, 442834 * time.Microsecond}}},
		{"Other 1.0", []cell{{1, 1, time.Second}}},
	})
	want := `| a second (share of the bare server, median) | connects | echoes | pushes |
|---|---|---|---|
| Bellhop | 1,234,567 (0.750, 290µs) | 1,000 (2.000, 0s) | 18 (0.002, 442.83ms) |
| Other 1.0 | 1 (1.000, 1s) |
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// Work stops when its time is up, and what was done counts.
func TestBound_EndsByTime(t *testing.T) {
	got, err := bound{n: 1 << 40, within: 20 * time.Millisecond}.inParallel(func(int) error { return nil })
	if err != nil || got.ops == 0 || got.ops != len(got.latencies) || got.time < 20*time.Millisecond {
		t.Errorf("got %d operations, %d latencies in %v, %v", got.ops, len(got.latencies), got.time, err)
	}
}
