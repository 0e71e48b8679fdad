package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/localdev/lambda"
	"bellhop/localdev/template"

	"github.com/google/go-cmp/cmp"
)

// clockwork is a function that schedules call. Time is that of a bubble.
type clockwork struct {
	takes time.Duration // each call
	fails error

	mu      sync.Mutex
	began   time.Time
	calls   []time.Duration // when each began, from the start
	events  []string
	at, max int // calls under way
}

func (c *clockwork) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	c.mu.Lock()
	c.calls, c.events = append(c.calls, time.Since(c.began)), append(c.events, string(payload))
	c.at++
	c.max = max(c.max, c.at)
	c.mu.Unlock()
	defer func() { c.mu.Lock(); c.at--; c.mu.Unlock() }()
	select {
	case <-time.After(c.takes):
		return nil, c.fails
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// run runs the schedules for some time, and gives what was logged.
func (c *clockwork) run(t *testing.T, schedules []template.Schedule, speed float64, during time.Duration) string {
	t.Helper()
	var log bytes.Buffer
	c.began = time.Now()
	registry, err := lambda.NewRegistry([]lambda.Function{{
		LogicalID: "Sweep", Spec: lambda.Spec{Name: "bellhop-sweep", Timeout: time.Hour}, Runner: c,
	}})
	if err != nil {
		t.Fatal(err)
	}
	s := &Service{
		stack: &template.Stack{
			Account: "123456789012", Region: "eu-west-1",
			Functions: []template.Function{{Part: template.Part{LogicalID: "Sweep"}, Name: "bellhop-sweep", Schedules: schedules}},
		},
		registry: registry, logger: slog.New(slog.NewTextHandler(&log, nil)),
	}
	ctx, stop := context.WithCancel(t.Context())
	s.schedules(ctx, speed)
	time.Sleep(during) // in the bubble: no time passes but for this
	stop()
	s.wg.Wait()
	return log.String()
}

func everyMinute(input string) []template.Schedule {
	return []template.Schedule{{Name: "EveryMinute", Every: time.Minute, Input: input}}
}

func TestSchedule_ComesAtItsRate(t *testing.T) {
	for _, tt := range []struct {
		name  string
		speed float64
		takes time.Duration
		want  []time.Duration
	}{
		{"each minute", 1, 0, []time.Duration{time.Minute, 2 * time.Minute, 3 * time.Minute}},
		{"sixty times as fast", 60, 0, []time.Duration{time.Second, 2 * time.Second, 3 * time.Second}},
		{"no speed is 1", 0, 0, []time.Duration{time.Minute, 2 * time.Minute, 3 * time.Minute}},
		{"turns within a call are left out", 1, 130 * time.Second, []time.Duration{time.Minute, 4 * time.Minute, 7 * time.Minute}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &clockwork{takes: tt.takes}
				last := tt.want[len(tt.want)-1]
				log := c.run(t, everyMinute(""), tt.speed, last+tt.takes+time.Millisecond)
				if diff := cmp.Diff(tt.want, c.calls); diff != "" || c.max != 1 || log != "" {
					t.Errorf("calls, %d at a time at most, log %q (-want +got):\n%s", c.max, log, diff)
				}
			})
		})
	}
}

func TestSchedule_GoesOnAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clockwork{fails: errors.New("table is away")}
		log := c.run(t, everyMinute(""), 1, 150*time.Second)
		if len(c.calls) != 2 || strings.Count(log, "scheduled call failed") != 2 || !strings.Contains(log, "table is away") || !strings.Contains(log, "EveryMinute") {
			t.Errorf("%d calls, want 2, each with a warning that names the event:\n%s", len(c.calls), log)
		}
	})
}

func TestSchedule_StopsWithinACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clockwork{takes: time.Hour}
		began := time.Now()
		log := c.run(t, everyMinute(""), 1, 90*time.Second)
		if took := time.Since(began); took != 90*time.Second || len(c.calls) != 1 || c.at != 0 || log != "" {
			t.Errorf("ended after %v with %d calls, %d under way, want the one call cut off at once and no warning:\n%s", took, len(c.calls), c.at, log)
		}
	})
}

func TestSchedule_WhatNeverComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clockwork{}
		c.run(t, []template.Schedule{{Name: "Off", Every: time.Minute, Disabled: true}, {Name: "Cron", Expression: "cron(0 12 * * ? *)"}}, 1, time.Hour)
		if len(c.calls) != 0 {
			t.Errorf("calls at %v, want none", c.calls)
		}
	})
}

func TestSchedule_Event(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clockwork{}
		c.run(t, everyMinute(`{"my":"own"}`), 1, 61*time.Second)
		if !cmp.Equal(c.events, []string{`{"my":"own"}`}) {
			t.Errorf("the schedule's own input: got %s", c.events)
		}
		c = &clockwork{}
		c.run(t, everyMinute(""), 1, 61*time.Second)
		var got map[string]any
		if err := json.Unmarshal([]byte(c.events[0]), &got); err != nil || got["id"] == "" {
			t.Fatalf("event %s, %v, want JSON with an id", c.events[0], err)
		}
		delete(got, "id")
		want := map[string]any{
			"version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "account": "123456789012", "region": "eu-west-1",
			"time":      c.began.Add(time.Minute).UTC().Format(time.RFC3339),
			"resources": []any{"arn:aws:events:eu-west-1:123456789012:rule/SweepEveryMinute"}, "detail": map[string]any{},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("event (-want +got):\n%s", diff)
		}
	})
}
