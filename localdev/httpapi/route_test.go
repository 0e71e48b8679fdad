package httpapi

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestBestRouteWins(t *testing.T) {
	h := newAPI(t, answering(`{}`, nil),
		"$default", "ANY /{proxy+}", "GET /pets/{proxy+}", "ANY /pets/{id}", "GET /pets/{id}",
		"GET /pets/dog/{id}", "GET /pets/dog/1", "ANY /pets/dog/1", "GET /{kind}/dog/2", "GET /", "GET /a%20b")
	for request, want := range map[string]string{
		"GET /pets/dog/1":      "GET /pets/dog/1",
		"POST /pets/dog/1":     "ANY /pets/dog/1",
		"GET /pets/d%6Fg/1":    "GET /pets/dog/1",
		"GET /pets/dog/2":      "GET /pets/dog/{id}",
		"GET /cats/dog/2":      "GET /{kind}/dog/2",
		"GET /pets/cat/1":      "GET /pets/{proxy+}",
		"GET /pets/cat":        "GET /pets/{id}",
		"PUT /pets/cat":        "ANY /pets/{id}",
		"GET /pets/a%2Fb":      "GET /pets/{id}",
		"GET /pets/":           "ANY /{proxy+}",
		"POST /test/5":         "ANY /{proxy+}",
		"GET /PETS/dog/1":      "ANY /{proxy+}",
		"GET /":                "GET /",
		"POST /":               "$default",
		"GET /a%20b":           "GET /a%20b",
		"GET /pets/dog/1/":     "GET /pets/{proxy+}",
		"GET /pets/dog/1/more": "GET /pets/{proxy+}",
	} {
		method, path, _ := strings.Cut(request, " ")
		r, _, ok := find(h.routes, method, path)
		if !ok || r.key != want {
			t.Errorf("%s: got %+v, want %s", request, r, want)
		}
	}
}

func TestMatches(t *testing.T) {
	h := newAPI(t, answering(`{}`, nil), "GET /notifications", "POST /notifications/mark", "GET /x/{id}")
	staged := mustNew(t, API{ID: "a", Stage: "live", Routes: []Route{{Key: "GET /", Function: "f"}, {Key: "GET /n", Function: "f"}}}, nil)
	for _, c := range []struct {
		h            *HTTPAPI
		method, path string
		want         bool
	}{
		{h, "GET", "/notifications", true},
		{h, "POST", "/notifications", false},
		{h, "GET", "/notifications/", false},
		{h, "GET", "/notification", false},
		{h, "POST", "/notifications/mark", true},
		{h, "GET", "/x/1", true},
		{h, "GET", "/x/", false},
		{h, "GET", "", false},
		{staged, "GET", "/live", true},
		{staged, "GET", "/live/", true},
		{staged, "GET", "/live/n", true},
		{staged, "GET", "/n", false},
		{staged, "GET", "/liver/n", false},
		{newAPI(t, nil, "$default"), "PATCH", "/anything", true},
	} {
		if got := c.h.Matches(c.method, c.path); got != c.want {
			t.Errorf("Matches(%s, %q): got %v, want %v", c.method, c.path, got, c.want)
		}
	}
}

func TestNewTellsAllFaults(t *testing.T) {
	for key, want := range map[string]string{
		"GET notifications": "must begin with /",
		"GET":               "must begin with /",
		"FETCH /":           `unknown method "FETCH"`,
		"":                  `unknown method ""`,
		"GET /{a+}/b":       "not at the end",
		"GET /{a}/{a}":      "occurs twice",
		"GET /a{b}":         "neither a literal",
		"GET /{}":           "not a variable",
		"GET /{+}":          "not a variable",
		"GET /{a}b":         "not a variable",
		"GET /same/{other}": "same method and path",
		"GET /slow":         "time-out 31s",
		"GET /quick":        "time-out 1ms",
		"GET /without/func": "function is required",
	} {
		r := Route{Key: key, Function: "f"}
		switch key {
		case "GET /slow":
			r.Timeout = 31 * time.Second
		case "GET /quick":
			r.Timeout = time.Millisecond
		case "GET /without/func":
			r.Function = ""
		}
		_, err := New(API{ID: "k7", Routes: []Route{{Key: "GET /same/{name}", Function: "f"}, r, {Key: "also wrong"}}}, nil, nil)
		for _, want := range []string{want, "HTTP API k7", "also wrong"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("route %q: got error %v, want it to say %q", key, err, want)
			}
		}
	}
}

// FuzzFind checks that a match is one: the route's path with its variables
// filled in is the path.
func FuzzFind(f *testing.F) {
	for _, path := range []string{"/", "/a", "/a/b/c", "/a/b/c/d/e", "/a//", "//", "", "/%2F/%zz", "/a/%62"} {
		f.Add("GET /a/{x}/{y+}", "GET", path)
		f.Add("ANY /{proxy+}", "PUT", path)
	}
	f.Fuzz(func(t *testing.T, key, method, path string) {
		h, err := New(API{Routes: []Route{{Key: key, Function: "f"}, {Key: "GET /a/{b}", Function: "f"}}}, nil, nil)
		if err != nil {
			return
		}
		r, variables, ok := find(h.routes, method, path)
		if !ok || r.fallback {
			return
		}
		var filled []string
		for _, s := range r.segments {
			if s.kind == literal {
				filled = append(filled, s.text)
			} else {
				filled = append(filled, variables[s.text])
			}
		}
		got, want := strings.Join(filled, "/"), strings.TrimPrefix(path, "/")
		decoded, err := url.PathUnescape(want)
		if got != want && err == nil && got != decoded && !strings.Contains(key, "%") {
			t.Errorf("%s %q matched %s with %v, which fills in to %q", method, path, r.key, variables, got)
		}
	})
}
