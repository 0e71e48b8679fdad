package audit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// constants are the words that the package declares, by their type; keys have
// none.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "audit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	words := map[string][]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		kind := ""
		if name, ok := spec.Type.(*ast.Ident); ok {
			kind = name.Name
		} else if strings.HasPrefix(spec.Names[0].Name, "Key") {
			kind = "Key"
		}
		word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		words[kind] = append(words[kind], word)
		return true
	})
	return words
}

var quoted = regexp.MustCompile("`([a-z_]+)`")

// column gives the quoted words of a column of the table under a heading of
// docs/audit.md, sorted.
func column(t *testing.T, heading string, n int) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("docs/audit.md has no heading %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var words []string
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) > n {
			for _, word := range quoted.FindAllStringSubmatch(cells[n], -1) {
				words = append(words, word[1])
			}
		}
	}
	slices.Sort(words)
	return words
}

func TestTheDocumentHasEveryWord(t *testing.T) {
	declared := constants(t)
	for _, tt := range []struct {
		kind, heading string
		column        int
	}{
		{"Event", "Events", 1},
		{"Reason", "Reasons", 2},
		{"Key", "Keys", 1},
	} {
		want := slices.Sorted(slices.Values(declared[tt.kind]))
		if diff := cmp.Diff(want, column(t, tt.heading, tt.column)); diff != "" || len(want) == 0 {
			t.Errorf("table %q of docs/audit.md (-declared +written):\n%s", tt.heading, diff)
		}
	}
	keys := declared["Key"]
	for _, word := range column(t, "Events", 3) {
		if !slices.Contains(keys, word) {
			t.Errorf("table \"Events\" names the key %q, which is none", word)
		}
	}
}
