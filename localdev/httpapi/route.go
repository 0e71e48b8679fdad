package httpapi

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// route is a parsed Route.
type route struct {
	key      string
	function string
	timeout  time.Duration
	denied   bool
	method   string // "ANY" matches every method
	segments []segment
	fallback bool // $default
}

// segment is one part of a route's path. The kinds sort by how well they match.
type segment struct {
	kind segmentKind
	text string // the literal, or the variable's name
}

type segmentKind int

const (
	literal segmentKind = iota
	variable
	greedy
)

const anyMethod = "ANY"

// parseRoutes parses all routes and sorts them, best match first: segment by
// segment literals before variables before greedy variables, then a method
// before ANY, and $default last. Source:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html.
func parseRoutes(in []Route) ([]route, error) {
	var out []route
	var faults []error
	seen := map[string]bool{}
	for _, r := range in {
		parsed, err := parseRoute(r)
		if err == nil && seen[parsed.shape()] {
			err = errors.New("another route has the same method and path")
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("route %q: %w", r.Key, err))
			continue
		}
		seen[parsed.shape()] = true
		out = append(out, parsed)
	}
	slices.SortStableFunc(out, compareRoutes)
	return out, errors.Join(faults...)
}

func parseRoute(r Route) (route, error) {
	out := route{key: r.Key, function: r.Function, timeout: cmp.Or(r.Timeout, MaxTimeout), denied: r.Denied}
	if out.function == "" {
		return out, errors.New("a function is required")
	}
	if out.timeout < MinTimeout || out.timeout > MaxTimeout {
		return out, fmt.Errorf("time-out %v is not within %v to %v", out.timeout, MinTimeout, MaxTimeout)
	}
	if r.Key == "$default" {
		out.fallback = true
		return out, nil
	}
	method, path, _ := strings.Cut(r.Key, " ")
	if !slices.Contains([]string{anyMethod, "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}, method) {
		return out, fmt.Errorf("unknown method %q", method)
	}
	var err error
	out.method = method
	out.segments, err = parsePath(path)
	return out, err
}

// parsePath parses "/a/{b}/{c+}".
func parsePath(path string) ([]segment, error) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return nil, errors.New("the path must begin with /")
	}
	var out []segment
	names := map[string]bool{}
	parts := strings.Split(rest, "/")
	for i, part := range parts {
		s, err := parseSegment(part)
		switch {
		case err != nil:
			return nil, err
		case s.kind == greedy && i < len(parts)-1:
			return nil, fmt.Errorf("greedy variable %q is not at the end", s.text)
		case s.kind != literal && names[s.text]:
			return nil, fmt.Errorf("variable %q occurs twice", s.text)
		}
		names[s.text] = names[s.text] || s.kind != literal
		out = append(out, s)
	}
	return out, nil
}

func parseSegment(part string) (segment, error) {
	inner, ok := strings.CutPrefix(part, "{")
	if !ok {
		if strings.ContainsAny(part, "{}") {
			return segment{}, fmt.Errorf("%q is neither a literal nor a whole variable", part)
		}
		return segment{literal, part}, nil
	}
	name, ok := strings.CutSuffix(inner, "}")
	name, plus := strings.CutSuffix(name, "+")
	if !ok || name == "" || strings.ContainsAny(name, "{}+") {
		return segment{}, fmt.Errorf("%q is not a variable", part)
	}
	if plus {
		return segment{greedy, name}, nil
	}
	return segment{variable, name}, nil
}

// shape is the same for two routes that match the same requests.
func (r *route) shape() string {
	if r.fallback {
		return "$default"
	}
	var b strings.Builder
	b.WriteString(r.method)
	for _, s := range r.segments {
		b.WriteString([]string{"/" + s.text, "/{}", "/{+}"}[s.kind])
	}
	return b.String()
}

// compareRoutes is negative when a is the better match of the two.
func compareRoutes(a, b route) int {
	if a.fallback != b.fallback {
		return rank(a.fallback) - rank(b.fallback)
	}
	for i := range min(len(a.segments), len(b.segments)) {
		if d := cmp.Compare(a.segments[i].kind, b.segments[i].kind); d != 0 {
			return d
		}
	}
	// Of different lengths, both cannot match one path: any order will do.
	if d := cmp.Compare(len(b.segments), len(a.segments)); d != 0 {
		return d
	}
	return rank(a.method == anyMethod) - rank(b.method == anyMethod)
}

func rank(worse bool) int {
	if worse {
		return 1
	}
	return 0
}

// find returns the best route for a method and a percent-encoded path, and the
// values of its path variables, decoded; nil if it has none.
func find(routes []route, method, path string) (*route, map[string]string, bool) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i := range routes {
		r := &routes[i]
		if r.fallback {
			return r, nil, true
		}
		if (r.method == method || r.method == anyMethod) && matches(r.segments, parts) {
			return r, variablesOf(r.segments, parts), true
		}
	}
	return nil, nil, false
}

// matches says whether the segments match the parts. A variable matches one
// part, a greedy one the rest; neither matches nothing.
func matches(segments []segment, parts []string) bool {
	for i, s := range segments {
		switch {
		case i >= len(parts):
			return false
		case s.kind == greedy:
			return len(parts) > i+1 || parts[i] != ""
		case s.kind == variable && parts[i] == "":
			return false
		case s.kind == literal && parts[i] != s.text && decode(parts[i]) != s.text:
			return false
		}
	}
	return len(segments) == len(parts)
}

func variablesOf(segments []segment, parts []string) map[string]string {
	var out map[string]string
	for i, s := range segments {
		if s.kind == literal {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		value := parts[i]
		if s.kind == greedy {
			value = strings.Join(parts[i:], "/")
		}
		out[s.text] = decode(value)
	}
	return out
}

// decode undoes percent-encoding; what is malformed stays as it is.
func decode(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}
