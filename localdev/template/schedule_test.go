package template

import (
	"testing"
	"time"
)

func TestEveryOf(t *testing.T) {
	for expression, want := range map[string]time.Duration{
		"rate(1 minute)": time.Minute, "rate(5 minutes)": 5 * time.Minute, "rate(1 hour)": time.Hour, "rate(2 days)": 48 * time.Hour,
		"cron(0 12 * * ? *)": 0, "at(2027-01-01T00:00:00)": 0,
	} {
		if got, err := everyOf(expression); got != want || err != nil {
			t.Errorf("%s: got %v, %v, want %v", expression, got, err, want)
		}
	}
	for _, wrong := range []string{"", "rate(1 minutes)", "rate(2 minute)", "rate(0 minutes)", "rate(1 second)", "rate(99999999999999999999 days)", "every minute"} {
		if got, err := everyOf(wrong); err == nil {
			t.Errorf("%q: got %v, want an error", wrong, got)
		}
	}
}
