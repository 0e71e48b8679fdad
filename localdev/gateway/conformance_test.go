package gateway

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// conformanceRow is a fact of CONFORMANCE.md.
var conformanceRow = regexp.MustCompile("(?m)^\\| (.+) \\| (.+) \\| (`.+`) \\|$")

var quotedWord = regexp.MustCompile("`([^`]+)`")

// Every fact names tests that there are, and how it is known. Every option is for
// one of the facts.
func TestConformance_TestsAndOptionsAreThere(t *testing.T) {
	document, err := os.ReadFile("CONFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := conformanceRow.FindAllStringSubmatch(string(document), -1)
	if all := strings.Count(string(document), "\n| ") - strings.Count(string(document), "\n| fact |"); len(rows) != all || all < 100 {
		t.Errorf("got %d facts in form, want all %d rows of at least 100", len(rows), all)
	}
	written := suites{}
	chosen := map[string]bool{}
	for _, row := range rows {
		fact, known := row[1], row[2]
		if kind, _, _ := strings.Cut(strings.ReplaceAll(known, ";", ":"), ":"); !strings.Contains(" documented observed reported uncertain ", " "+kind+" ") {
			t.Errorf("%s: %q is no way to know it", fact, known)
		}
		for _, word := range quotedWord.FindAllStringSubmatch(known, -1) {
			chosen[word[1]] = true
		}
		for _, name := range quotedWord.FindAllStringSubmatch(row[3], -1) {
			if !written.has(t, name[1]) {
				t.Errorf("%s: there is no test %s", fact, name[1])
			}
		}
	}
	for _, s := range Switches() {
		if !chosen[s.Name] {
			t.Errorf("option %s is for none of the facts", s.Name)
		}
	}
}

// suites are the words of the tests of packages: names of functions, and texts.
type suites map[string]map[string]bool

// has tells whether there is a test "package.Test/subtest"; without a package it is
// of this one. A subtest's name must stand in its package as a text.
func (s suites) has(t *testing.T, name string) bool {
	t.Helper()
	folder := "."
	if pkg, rest, ok := strings.Cut(name, "."); ok {
		folder, name = folderOf(pkg), rest
	}
	if s[folder] == nil {
		s[folder] = wordsOfTests(t, folder)
	}
	test, subtest, nested := strings.Cut(name, "/")
	return s[folder]["func "+test] && (!nested || s[folder][subtest])
}

// folderOf is where a package is: below this one, or beside it.
func folderOf(pkg string) string {
	if info, err := os.Stat(pkg); err == nil && info.IsDir() {
		return pkg
	}
	return filepath.Join("..", pkg)
}

func wordsOfTests(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				words["func "+n.Name.Name] = true
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); err == nil {
					words[text] = true
				}
			}
			return true
		})
	}
	return words
}
