package origin

import (
	"errors"
	"fmt"
	"strings"
)

// List is an allow-list of origins. The zero value is empty and allows nothing.
// It is immutable, and safe for concurrent use.
type List struct{ patterns []pattern }

// Parse reads patterns that are separated by commas. Spaces around a pattern
// and empty patterns are dropped. All faults are reported together, each with
// its pattern; the List is then empty.
func Parse(patterns string) (List, error) {
	var list List
	var faults []error
	for text := range strings.SplitSeq(patterns, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		p, err := parsePattern(text)
		if err != nil {
			faults = append(faults, fmt.Errorf("allowed origin %q: %w", text, err))
		}
		list.patterns = append(list.patterns, p)
	}
	if len(faults) > 0 {
		return List{}, errors.Join(faults...)
	}
	return list, nil
}

// Local returns the list that Django uses with DEBUG and no ALLOWED_HOSTS:
// localhost, 127.0.0.1 and [::1], each with any scheme and port. It is meant
// for a developer's machine only.
func Local() List {
	return List{[]pattern{{host: "localhost"}, {host: "127.0.0.1"}, {host: "::1"}}}
}

// Empty reports whether the list has no pattern, and so allows nothing.
func (l List) Empty() bool { return len(l.patterns) == 0 }

// Allows reports whether a request with this Origin header is allowed. The
// value is the header's bytes as they came. Without the header (present is
// false) only the pattern * allows it; browsers always send one when they open
// a socket.
func (l List) Allows(origin string, present bool) bool {
	if !present {
		return l.allows(url{})
	}
	u, err := split(latin1(origin))
	return err == nil && l.allows(u)
}

// AllowsAll is Allows for all Origin headers of a request, in their order. The
// last one decides, but a malformed one refuses wherever it stands.
func (l List) AllowsAll(origins []string) bool {
	var last url
	for _, origin := range origins {
		u, err := split(latin1(origin))
		if err != nil {
			return false
		}
		last = u
	}
	return l.allows(last)
}

// NeverMatching returns the patterns that no browser's origin can match,
// which is most likely not what their author meant: those without a host
// ("localhost:8000", where a port needs a scheme before it) and those with
// letters beyond ASCII, which browsers send in Punycode ("xn--…").
func (l List) NeverMatching() []string {
	var texts []string
	for _, p := range l.patterns {
		if !p.any && (p.host == "" || !isASCII(p.host)) {
			texts = append(texts, p.text)
		}
	}
	return texts
}

// allows tries the patterns in their order. A fault in the origin that a
// pattern comes upon ends the search.
func (l List) allows(u url) bool {
	for _, p := range l.patterns {
		ok, err := p.matches(u)
		if ok || err != nil {
			return ok
		}
	}
	return false
}
