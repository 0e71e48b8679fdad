package reader

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ParseOverrides reads parameter values as `sam` takes them after
// --parameter-overrides: "Name=value Other=value", separated by white space. A
// value with white space stands in double quotes, where \" and \\ are a quote and
// a backslash. The longer form "ParameterKey=Name,ParameterValue=value" is read
// as well. The error names the word that is wrong.
func ParseOverrides(text string) (map[string]string, error) {
	overrides := map[string]string{}
	words, err := splitWords(text)
	if err != nil {
		return nil, err
	}
	for _, word := range words {
		key, value, ok := strings.Cut(word, "=")
		if long, found := strings.CutPrefix(word, "ParameterKey="); found {
			key, value, ok = strings.Cut(long, ",ParameterValue=")
		}
		if !ok || !isName(key) {
			return nil, fmt.Errorf("parameter override %q: want Name=value, the name of letters and digits", word)
		}
		if _, twice := overrides[key]; twice {
			return nil, fmt.Errorf("parameter override %q: given twice", key)
		}
		overrides[key] = value
	}
	return overrides, nil
}

// isName tells whether s can be a parameter's name.
func isName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// splitWords cuts text at white space outside double quotes, and takes the quotes
// off.
func splitWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	quoted, escaped, started := false, false, false
	for _, r := range text {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quoted:
			escaped = true
		case r == '"':
			quoted, started = !quoted, true
		case !quoted && strings.ContainsRune(" \t\r\n", r):
			if started {
				words = append(words, word.String())
			}
			word.Reset()
			started = false
		default:
			word.WriteRune(r)
			started = true
		}
	}
	if quoted {
		return nil, fmt.Errorf("parameter overrides: a quote is not closed")
	}
	if started {
		words = append(words, word.String())
	}
	return words, nil
}

// readParameters gives every parameter its value, and tells what is wrong with it.
func (e *Evaluator) readParameters(overrides map[string]string) []Parameter {
	var all []Parameter
	for _, p := range e.Doc.parameters {
		at := Place{LogicalID: p.Key}
		parameter := Parameter{
			Part:        Part{LogicalID: p.Key, Line: p.Line, Lines: Lines(p.Value)},
			Type:        Text(Child(p.Value, "Type")),
			Description: Text(Child(p.Value, "Description")),
			Hidden:      strings.EqualFold(Text(Child(p.Value, "NoEcho")), "true"),
		}
		value, given := overrides[p.Key]
		standard := Child(p.Value, "Default")
		switch {
		case given:
			parameter.Value = value
		case standard != nil:
			parameter.Value = Text(standard)
		default:
			e.Add(at, p.Line, "no value: it has no Default, and none was given")
		}
		e.parameters[p.Key] = parameterValue(parameter)
		if given || standard != nil {
			e.constrain(parameter, p.Value, at)
		}
		all = append(all, parameter)
	}
	e.refuseUnknown(overrides)
	return all
}

func (e *Evaluator) refuseUnknown(overrides map[string]string) {
	var unknown []string
	for key := range overrides {
		if _, ok := e.parameters[key]; !ok {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	for _, key := range unknown {
		e.Add(Place{LogicalID: key}, 0, "no such parameter")
	}
}

// isList tells whether a parameter's value is a list: CommaDelimitedList or
// List<…>.
func isList(typ string) bool {
	return typ == "CommaDelimitedList" || strings.HasPrefix(typ, "List<")
}

func parameterValue(p Parameter) Value {
	line := p.Line
	if !isList(p.Type) {
		return textValue(p.Value, line)
	}
	if p.Value == "" {
		return Value{Kind: List, Line: line}
	}
	parts := strings.Split(p.Value, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return listValue(parts, line)
}

// constrain checks a value against the constraints that the template declares.
func (e *Evaluator) constrain(p Parameter, body *Node, at Place) {
	parts := []string{p.Value}
	if isList(p.Type) {
		parts = nil
		for _, item := range e.parameters[p.LogicalID].Items {
			parts = append(parts, item.Text)
		}
	}
	for _, part := range parts {
		if rule := brokenRule(p.Type, part, body); rule != "" {
			shown := strconv.Quote(Shorten(part))
			if p.Hidden {
				shown = "the value"
			}
			e.Add(at, p.Line, "%s %s", shown, rule)
		}
	}
}

// brokenRule gives the rule that one value breaks, or "".
func brokenRule(typ, s string, body *Node) string {
	if rule := brokenChoice(s, body); rule != "" {
		return rule
	}
	if pattern := Child(body, "AllowedPattern"); pattern != nil {
		whole, err := regexp.Compile(`\A(?:` + Text(pattern) + `)\z`)
		if err == nil && !whole.MatchString(s) {
			return "does not match " + Shorten(Text(pattern))
		}
	}
	if strings.Contains(typ, "Number") {
		return brokenNumber(s, body)
	}
	length := float64(len([]rune(s)))
	return brokenRange(length, body, [2]string{"MinLength", "MaxLength"})
}

func brokenChoice(s string, body *Node) string {
	allowed := follow(Child(body, "AllowedValues"))
	if allowed == nil {
		return ""
	}
	var all []string
	for _, item := range allowed.Content {
		if Text(item) == s {
			return ""
		}
		all = append(all, Text(item))
	}
	return "is not one of " + Shorten(strings.Join(all, ", "))
}

func brokenNumber(s string, body *Node) string {
	number, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return "is not a number"
	}
	return brokenRange(number, body, [2]string{"MinValue", "MaxValue"})
}

func brokenRange(number float64, body *Node, limits [2]string) string {
	for i, limit := range limits {
		bound, err := strconv.ParseFloat(Text(Child(body, limit)), 64)
		if err != nil {
			continue
		}
		if (i == 0 && number < bound) || (i == 1 && number > bound) {
			return fmt.Sprintf("breaks %s %v", limit, bound)
		}
	}
	return ""
}
