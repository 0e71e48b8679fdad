package template

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"bellhop/localdev/template/reader"
)

// addSchedules reads the events of a SAM function that come by the clock.
func (b *builder) addSchedules(p properties, f *Function) {
	for _, event := range p.value("Events").Fields {
		at := p.at("Events").In(event.Key)
		set, name := event.Value.Field("Properties"), "Schedule"
		switch event.Value.Field("Type").Text {
		case "Schedule":
		case "ScheduleV2":
			name = "ScheduleExpression"
		default:
			continue
		}
		expression := set.Field(name)
		s := Schedule{
			Name: event.Key, Line: expression.Line, Expression: p.scalar(expression, at.In(name), ""),
			Input: p.scalar(set.Field("Input"), at.In("Input"), ""),
			Disabled: strings.EqualFold(p.scalar(set.Field("Enabled"), at.In("Enabled"), "true"), "false") ||
				strings.EqualFold(p.scalar(set.Field("State"), at.In("State"), ""), "DISABLED"),
		}
		var err error
		if s.Every, err = everyOf(s.Expression); err != nil {
			b.Add(at.In(name), expression.Line, "%v", err)
		} else if s.Every == 0 {
			b.Warn(at.In(name), expression.Line, "only rate(…) comes on this machine, not %s", reader.Shorten(s.Expression))
		}
		f.Schedules = append(f.Schedules, s)
	}
}

var rate = regexp.MustCompile(`^rate\(([0-9]+) (minutes?|hours?|days?)\)$`)

// everyOf is the pause of a rate expression, and 0 for any cron or at.
func everyOf(expression string) (time.Duration, error) {
	if strings.HasPrefix(expression, "cron(") || strings.HasPrefix(expression, "at(") {
		return 0, nil
	}
	parts := rate.FindStringSubmatch(expression)
	if parts == nil {
		return 0, fmt.Errorf("%q is none of rate(n minutes|hours|days), cron(…), at(…)", reader.Shorten(expression))
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil || n < 1 || n > 1_000_000 {
		return 0, fmt.Errorf("%q: want a number from 1", reader.Shorten(expression))
	}
	if plural := strings.HasSuffix(parts[2], "s"); plural != (n > 1) {
		return 0, fmt.Errorf("%q: AWS wants the singular for 1 and the plural for more", reader.Shorten(expression))
	}
	unit := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[parts[2][0]]
	return time.Duration(n) * unit, nil
}
