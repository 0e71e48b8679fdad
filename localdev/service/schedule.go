package service

import (
	"context"
	"encoding/json"
	"time"

	"bellhop/localdev/lambda"
	"bellhop/localdev/template"
)

// schedules starts the clock of every schedule of the template that is a rate.
// With a faster clock they come that much more often.
func (s *Service) schedules(ctx context.Context, speed float64) {
	for _, f := range s.stack.Functions {
		for _, c := range f.Schedules {
			if !c.Disabled && c.Every > 0 {
				s.wg.Go(func() { s.tick(ctx, f, c, faster(c.Every, speed)) })
			}
		}
	}
}

func faster(d time.Duration, speed float64) time.Duration {
	if speed > 0 {
		d = time.Duration(float64(d) / speed)
	}
	return max(d, time.Millisecond)
}

// tick calls the function at each turn of the clock, until ctx ends. A turn that
// comes while a call is under way is left out.
func (s *Service) tick(ctx context.Context, f template.Function, c template.Schedule, every time.Duration) {
	clock := time.NewTicker(every)
	defer clock.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-clock.C:
			if _, err := s.registry.Invoke(ctx, f.LogicalID, s.scheduled(f, c, now)); err != nil && ctx.Err() == nil {
				s.logger.Warn("scheduled call failed", "function", f.Name, "event", c.Name, "error", err)
			}
			select { // the clock keeps one turn of those that came meanwhile
			case <-clock.C:
			default:
			}
		}
	}
}

// scheduled is the event that EventBridge makes, or the schedule's own input.
// Source: EventBridge User Guide, "Scheduled events".
func (s *Service) scheduled(f template.Function, c template.Schedule, now time.Time) []byte {
	if c.Input != "" {
		return []byte(c.Input)
	}
	event, err := json.Marshal(map[string]any{
		"version": "0", "id": lambda.NewRequestID(), "detail-type": "Scheduled Event", "source": "aws.events",
		"account": s.stack.Account, "time": now.UTC().Format(time.RFC3339), "region": s.stack.Region,
		"resources": []string{"arn:aws:events:" + s.stack.Region + ":" + s.stack.Account + ":rule/" + f.LogicalID + c.Name},
		"detail":    map[string]any{},
	})
	if err != nil {
		panic("service: " + err.Error()) // a map of strings
	}
	return event
}
