package doctor

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"bellhop/localdev/template"
)

// Level is how much a finding matters.
type Level string

// The levels.
const (
	// Warning: it fails on AWS.
	Warning Level = "warning"
	// Advice: it works as it stands, and is a trap for later changes.
	Advice Level = "advice"
)

// Finding is one thing that would fail on AWS, or that is worth knowing.
type Finding struct {
	// Rule is the ID of the rule that is broken.
	Rule  string `json:"rule"`
	Level Level  `json:"level"`
	// File and Line say where; Line counts from 1.
	File string `json:"file"`
	Line int    `json:"line"`
	// Resource is a logical id, Property one of the resource's; it may be empty.
	Resource string `json:"resource"`
	Property string `json:"property,omitempty"`
	// Message says what is wrong, Consequence what becomes of it on AWS, Cure what
	// to do.
	Message     string `json:"message"`
	Consequence string `json:"consequence"`
	Cure        string `json:"cure"`
}

// String gives "file:line: Resource.Property: message (rule)"; of advice,
// "(rule, advice)".
func (f Finding) String() string {
	place := strings.Trim(f.Resource+"."+f.Property, ".")
	rule := f.Rule
	if f.Level == Advice {
		rule += ", advice"
	}
	return fmt.Sprintf("%s:%d: %s: %s (%s)", f.File, f.Line, place, f.Message, rule)
}

// Fails tells whether any of the findings would fail on AWS.
func Fails(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Level == Warning })
}

// Rule is one thing that is looked for.
type Rule struct {
	// ID names the rule in findings and in RULES.md.
	ID string
	// Level is that of its findings; empty: Warning.
	Level Level
	// Consequence is what becomes of a breach on AWS, Cure what to do.
	Consequence, Cure string

	check func(view, teller)
}

// Check applies every rule. The code of functions is read from code, the folder of
// the template; nil: it is not read.
func Check(stack *template.Stack, code fs.FS) []Finding {
	v := view{stack: stack, apis: apisOf(stack), sources: newSources(stack, code)}
	var found []Finding
	for _, r := range Rules() {
		r.check(v, func(p template.Part, property, format string, args ...any) {
			found = append(found, Finding{
				Rule: r.ID, Level: cmp.Or(r.Level, Warning), File: stack.File, Line: p.LineOf(property), Resource: p.LogicalID, Property: property,
				Message: fmt.Sprintf(format, args...), Consequence: r.Consequence, Cure: r.Cure,
			})
		})
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.Line, b.Line) })
	// Routes that share an integration tell of it more than once.
	return slices.Compact(found)
}

// teller records a finding about a property of a part; "" is the part itself.
type teller func(p template.Part, property, format string, args ...any)

// view is what rules look at.
type view struct {
	stack   *template.Stack
	apis    []api
	sources *sources
}

// api is what the rules need of an API of either protocol.
type api struct {
	template.Part
	id          string
	websocket   bool
	selection   string
	routes      []template.Route
	authorizers []template.Authorizer
	stages      []template.Stage
	deployments []template.Deployment
}

func apisOf(s *template.Stack) []api {
	var all []api
	for _, a := range s.WebSocketAPIs {
		all = append(all, api{
			Part: a.Part, id: a.ID, websocket: true, selection: a.RouteSelectionExpression,
			routes: a.Routes, authorizers: a.Authorizers, stages: a.Stages, deployments: a.Deployments,
		})
	}
	for _, a := range s.HTTPAPIs {
		all = append(all, api{
			Part: a.Part, id: a.ID,
			routes: a.Routes, authorizers: a.Authorizers, stages: a.Stages, deployments: a.Deployments,
		})
	}
	return all
}

// function finds a function by its logical id.
func (v view) function(id string) (template.Function, bool) {
	i := slices.IndexFunc(v.stack.Functions, func(f template.Function) bool { return f.LogicalID == id })
	if i < 0 {
		return template.Function{}, false
	}
	return v.stack.Functions[i], true
}

// eachRoute makes a rule of what is said about one route.
func eachRoute(check func(v view, a api, r template.Route, tell teller)) func(view, teller) {
	return func(v view, tell teller) {
		for _, a := range v.apis {
			for _, r := range a.routes {
				check(v, a, r, tell)
			}
		}
	}
}

// eachAuthorizer makes a rule of what is said about one authorizer.
func eachAuthorizer(check func(v view, a api, z template.Authorizer, tell teller)) func(view, teller) {
	return func(v view, tell teller) {
		for _, a := range v.apis {
			for _, z := range a.authorizers {
				check(v, a, z, tell)
			}
		}
	}
}

// eachStage makes a rule of what is said about one stage.
func eachStage(check func(a api, s template.Stage, tell teller)) func(view, teller) {
	return func(v view, tell teller) {
		for _, a := range v.apis {
			for _, s := range a.stages {
				check(a, s, tell)
			}
		}
	}
}
