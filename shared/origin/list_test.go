package origin

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func Example() {
	list, err := Parse(".example.com, https://partner.example:8443")
	if err != nil {
		panic(err)
	}
	for _, origin := range []string{
		"https://shop.example.com",
		"https://partner.example:8443",
		"https://partner.example",
		"https://example.com.evil.example",
	} {
		fmt.Println(origin, list.Allows(origin, true))
	}
	fmt.Println("no origin", list.Allows("", false))
	// Output:
	// https://shop.example.com true
	// https://partner.example:8443 true
	// https://partner.example false
	// https://example.com.evil.example false
	// no origin false
}

func mustParse(t testing.TB, patterns string) List {
	t.Helper()
	list, err := Parse(patterns)
	if err != nil {
		t.Fatalf("Parse(%q): %v", patterns, err)
	}
	return list
}

func TestParseNamesEveryFaultyPattern(t *testing.T) {
	list, err := Parse("example.com, [::1, https://example.com:https, .example.org, http://[::1]x")
	if err == nil {
		t.Fatal("got no error")
	}
	want := `allowed origin "[::1": no valid IPv6 address in brackets
allowed origin "https://example.com:https": the port is no number from 0 to 65535
allowed origin "http://[::1]x": no valid IPv6 address in brackets`
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	if !list.Empty() || list.Allows("https://example.com", true) {
		t.Error("a list with faults allows something")
	}
}

func TestEmptyAllowsNothing(t *testing.T) {
	for name, list := range map[string]List{
		"zero":   {},
		"parsed": mustParse(t, " , ,"),
	} {
		if !list.Empty() {
			t.Errorf("%s: Empty is false", name)
		}
		for _, origin := range []string{"", "null", "*", "http://localhost", "http://[::1]"} {
			if list.Allows(origin, true) || list.Allows(origin, false) {
				t.Errorf("%s: %q is allowed", name, origin)
			}
		}
	}
	if mustParse(t, "*").Empty() || Local().Empty() {
		t.Error("a list with patterns says that it is empty")
	}
}

// TestBracketsAreReadStrictly has what Python's releases disagree about.
func TestBracketsAreReadStrictly(t *testing.T) {
	list := mustParse(t, "*,::1,[::1],example.com,1.2.3.4,v1.a,V1.a")
	for _, origin := range []string{
		"http://a[::1]", "http://[::1]a", "http://[::1]a:80", "http://[::1][::1]", "http://[[::1]]",
		"http://[::1]@example.com", "http://[x]@example.com", "http://[@example.com", "http://]@example.com",
		"http://[1.2.3.4]", "http://[example.com]", "http://[]", "http://[v1]", "http://[V1.a]",
		"http://[::1%]", "http://[::1%a%b]", "http://[::1::]", "http://[12345::]",
	} {
		if list.Allows(origin, true) {
			t.Errorf("%s is allowed", origin)
		}
	}
	for _, origin := range []string{"http://[::1]", "http://u@[::1]:80", "http://[v1.a]", "http://[::1]@[::1]"} {
		if !list.Allows(origin, true) {
			t.Errorf("%s is refused", origin)
		}
	}
}

func TestNeverMatching(t *testing.T) {
	list := mustParse(t, "example.com,localhost:8000,https://,*,127.0.0.1:8000,münchen.de,https://.example.com")
	want := []string{"localhost:8000", "https://", "münchen.de"}
	if diff := cmp.Diff(want, list.NeverMatching()); diff != "" {
		t.Errorf("NeverMatching (-want +got):\n%s", diff)
	}
	if got := Local().NeverMatching(); got != nil {
		t.Errorf("Local: got %q, want none", got)
	}
}

func TestDottedIMatchesOnlyItself(t *testing.T) {
	if mustParse(t, "İ.com").Allows("https://i.com", true) {
		t.Error("the pattern İ.com allows i.com")
	}
}

// FuzzAllows looks for panics, and for verdicts that contradict each other or
// the pattern.
func FuzzAllows(f *testing.F) {
	for _, patterns := range []string{"example.com", ".example.com", "https://.example.com:8443", "*", "[::1]", "a:1"} {
		for _, origin := range []string{"https://example.com", "http://a.example.com:1", "http://[::1]:80", "null", "\xff"} {
			f.Add(patterns, origin)
		}
	}
	f.Fuzz(func(t *testing.T, patterns, origin string) {
		if (List{}).Allows(origin, true) {
			t.Fatalf("the empty list allows %q", origin)
		}
		list, err := Parse(patterns)
		got := list.Allows(origin, true)
		if err != nil && (got || !list.Empty()) {
			t.Fatalf("Parse(%q): %v, and yet it allows %q", patterns, err, origin)
		}
		if all := list.AllowsAll([]string{origin}); all != got {
			t.Fatalf("%q, %q: Allows %t, AllowsAll %t", patterns, origin, got, all)
		}
		if got && !anyHostIn(list, origin) {
			t.Fatalf("%q allows %q, which has none of its hosts", patterns, origin)
		}
	})
}

// anyHostIn reports whether the origin contains the host of one of the
// patterns, as every origin that a list allows must.
func anyHostIn(list List, origin string) bool {
	plain := lower(removed.Replace(latin1(origin)))
	for _, p := range list.patterns {
		if p.any || strings.Contains(plain, lower(strings.TrimPrefix(p.host, "."))) {
			return true
		}
	}
	return false
}

func BenchmarkAllows(b *testing.B) {
	list := mustParse(b, "example.org,https://example.net,.example.com")
	b.ReportAllocs()
	for b.Loop() {
		if !list.Allows("https://shop.example.com", true) {
			b.Fatal("refused")
		}
	}
}
