package origin

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	casesFile = "testdata/cases.json"
	allowed   = "allowed"
)

var update = flag.Bool("update", false, "write the original's verdicts into "+casesFile)

// testCase is one handshake, and what the original says of it.
type testCase struct {
	Patterns string   `json:"patterns"`
	Origins  []string `json:"origins"` // one character for each byte
	Debug    bool     `json:"debug,omitempty"`
	Verdict  string   `json:"verdict"`
}

func (c testCase) String() string {
	return fmt.Sprintf("patterns %q, origins %q, debug %t", c.Patterns, c.Origins, c.Debug)
}

// check compares this package's verdict with the original's. The original's
// exceptions are refusals here. A list that Parse refuses allows nothing.
func (c testCase) check(t *testing.T) {
	t.Helper()
	list, err := Parse(c.Patterns)
	if c.Debug && list.Empty() {
		list = Local()
	}
	origins := make([]string, len(c.Origins))
	for i, o := range c.Origins {
		origins[i] = headerBytes(o)
	}
	want := c.Verdict == allowed
	if got := list.AllowsAll(origins); got != want && !(err != nil && looksBeyond(c)) {
		t.Errorf("%v: got %t, want %t: the original says %q; Parse: %v", c, got, want, c.Verdict, err)
	}
	if len(origins) > 1 {
		return
	}
	last := strings.Join(origins, "")
	if got := list.Allows(last, len(origins) == 1); got != list.AllowsAll(origins) {
		t.Errorf("%v: Allows says %t and AllowsAll does not", c, got)
	}
}

// looksBeyond reports whether the list has several patterns: the original may
// then find a match before it comes to the faulty one.
func looksBeyond(c testCase) bool { return strings.Contains(c.Patterns, ",") }

func headerBytes(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

func TestVerdictsAreTheOriginals(t *testing.T) {
	cases := readCases(t)
	if len(cases) < 200 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		c.check(t)
	}
}

// TestOriginalStillSaysSo runs Django Channels itself: over the cases, whose
// verdicts must be those that are written down, and over random ones.
func TestOriginalStillSaysSo(t *testing.T) {
	cases := readCases(t)
	verdicts := askOriginal(t, cases)
	if *update {
		writeCases(t, cases, verdicts)
		return
	}
	for i, c := range cases {
		if verdicts[i] != c.Verdict {
			t.Errorf("%v: the original says %q, %s says %q", c, verdicts[i], casesFile, c.Verdict)
		}
	}
	random := randomCases(4000)
	count := map[string]int{}
	for i, verdict := range askOriginal(t, random) {
		random[i].Verdict = verdict
		random[i].check(t)
		count[verdict]++
	}
	if count[allowed] < 200 || count["refused"] < 200 || len(count) < 3 {
		t.Errorf("the random cases are too alike: %v", count)
	}
}

// randomCases joins parts that meet in real and in hostile origins, always the
// same ones.
func randomCases(n int) []testCase {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(parts ...string) string { return parts[r.IntN(len(parts))] }
	scheme := func() string { return pick("", "", "//", "http://", "https://", "HTTPS://", "ws://", "x://", "http:") }
	host := func() string {
		return pick("a.com", "A.com", "b.a.com", "ba.com", "[::1]", "127.0.0.1", "localhost", "", "a.com%z", "a.com.")
	}
	port := func() string { return pick("", "", "", ":", ":80", ":443", ":8000", ":080", ":x", ":70000") }
	tail := func() string { return pick("", "", "", "/", "?x", "#@b.a.com", "/@a.com:80", "\\@a.com") }
	user := func() string { return pick("", "", "", "", "u@", "u:p@", "a.com:80@") }
	dot := func() string { return pick("", ".") }
	cases := make([]testCase, n)
	for i := range cases {
		cases[i] = testCase{
			Patterns: scheme() + dot() + host() + pick("", "", port()) + pick("", "", "/"),
			Origins:  []string{scheme() + user() + host() + port() + tail()},
		}
		if r.IntN(5) == 0 {
			cases[i].Patterns += "," + scheme() + dot() + host()
		}
		// Python's releases differ about brackets that are not the whole host.
		if strings.Contains(cases[i].Patterns, ".[") {
			cases[i].Patterns = pick("*", "a.com", ".a.com")
		}
		if strings.Contains(cases[i].Origins[0], "]") {
			cases[i].Origins[0] = strings.ReplaceAll(cases[i].Origins[0], "\\@", "/")
		}
	}
	return cases
}

func readCases(t *testing.T) []testCase {
	t.Helper()
	text, err := os.ReadFile(casesFile)
	if err != nil {
		t.Fatal(err)
	}
	var cases []testCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatalf("%s: %v", casesFile, err)
	}
	return cases
}

// writeCases writes one case a line.
func writeCases(t *testing.T, cases []testCase, verdicts []string) {
	t.Helper()
	var lines []string
	for i, c := range cases {
		c.Verdict = verdicts[i]
		var line bytes.Buffer
		e := json.NewEncoder(&line)
		e.SetEscapeHTML(false)
		if err := e.Encode(c); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.TrimSpace(line.String()))
	}
	text := "[\n" + strings.Join(lines, ",\n") + "\n]\n"
	if err := os.WriteFile(casesFile, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// askOriginal has Django Channels judge the cases.
func askOriginal(t *testing.T, cases []testCase) []string {
	t.Helper()
	python := filepath.Join("..", "..", ".venv", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("no Django Channels to compare with: run `make setup` at the repository's root (%v)", err)
	}
	in, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "testdata/original.py")
	cmd.Stdin = bytes.NewReader(in)
	var faults bytes.Buffer
	cmd.Stderr = &faults
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("original.py: %v\n%s", err, faults.String())
	}
	var verdicts []string
	if err := json.Unmarshal(out, &verdicts); err != nil || len(verdicts) != len(cases) {
		t.Fatalf("original.py gave %d verdicts for %d cases: %v", len(verdicts), len(cases), err)
	}
	return verdicts
}
