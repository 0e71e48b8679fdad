package template

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// addEvents reads the events of a SAM function: those by the clock, and of all
// others the name and type.
func (b *builder) addEvents(p properties, f *Function) {
	for _, event := range p.value("Events").fields {
		at := p.at("Events").in(event.key)
		kind := p.scalar(event.value.field("Type"), at.in("Type"), "")
		if kind != "Schedule" && kind != "ScheduleV2" {
			f.OtherEvents = append(f.OtherEvents, fmt.Sprintf("%s (%s)", event.key, kind))
			continue
		}
		set := event.value.field("Properties")
		expression := set.field("Schedule")
		if kind == "ScheduleV2" {
			expression = set.field("ScheduleExpression")
		}
		s := Schedule{
			Name: event.key, Line: expression.line, Expression: p.scalar(expression, at.in("Schedule"), ""),
			Input: p.scalar(set.field("Input"), at.in("Input"), ""),
			Disabled: strings.EqualFold(p.scalar(set.field("Enabled"), at.in("Enabled"), "true"), "false") ||
				strings.EqualFold(p.scalar(set.field("State"), at.in("State"), ""), "DISABLED"),
		}
		var err error
		if s.Every, err = everyOf(s.Expression); err != nil {
			b.add(at.in("Schedule"), expression.line, "%v", err)
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
		return 0, fmt.Errorf("%q is none of rate(n minutes|hours|days), cron(…), at(…)", shorten(expression))
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil || n < 1 || n > 1_000_000 {
		return 0, fmt.Errorf("%q: want a number from 1", shorten(expression))
	}
	if plural := strings.HasSuffix(parts[2], "s"); plural != (n > 1) {
		return 0, fmt.Errorf("%q: AWS wants the singular for 1 and the plural for more", shorten(expression))
	}
	unit := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[parts[2][0]]
	return time.Duration(n) * unit, nil
}
