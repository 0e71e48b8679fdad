package protocol_test

import (
	"encoding/json"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"bellhop/shared/protocol"

	"github.com/google/go-cmp/cmp"
)

func document(tb testing.TB) string {
	tb.Helper()
	text, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// checkExample decodes a frame of the document. One without a type is the
// gateway's own.
func checkExample(t *testing.T, direction string, frame json.RawMessage) {
	t.Helper()
	var head struct{ Type string }
	if err := json.Unmarshal(frame, &head); err != nil {
		t.Fatalf("%s: %v", frame, err)
	}
	decoded, err := decode(direction, frame)
	if err != nil || (decoded == nil) != (head.Type == "") {
		t.Errorf("%s: decoded as a %s's frame %v, error %v, want none", frame, direction, decoded, err)
		return
	}
	if decoded == nil {
		return
	}
	var want, got any
	if json.Unmarshal(frame, &want) != nil || json.Unmarshal(protocol.Encode(decoded), &got) != nil {
		t.Fatalf("%s or what it is encoded as is no JSON", frame)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: encoded again (-want +got):\n%s", frame, diff)
	}
}

func TestExamplesOfTheDocumentAreFrames(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(document(t), -1)
	seen := 0
	for _, block := range blocks {
		dec := json.NewDecoder(strings.NewReader(block[1]))
		for {
			var frame json.RawMessage
			err := dec.Decode(&frame)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("example %s: %v", block[1], err)
			}
			direction := "server"
			if regexp.MustCompile(`"type": "(hello|mark|list|ack|ping)"`).Match(frame) {
				direction = "client"
			}
			checkExample(t, direction, frame)
			seen++
		}
	}
	if seen < 18 {
		t.Errorf("%d examples, want one of every frame at least", seen)
	}
}

func TestDialoguesOfTheDocumentAreFrames(t *testing.T) {
	lines := regexp.MustCompile(`(?m)^(→|←) (.*)$`).FindAllStringSubmatch(document(t), -1)
	for _, line := range lines {
		direction := "client"
		if line[1] == "←" {
			direction = "server"
		}
		checkExample(t, direction, json.RawMessage(line[2]))
	}
	if len(lines) < 30 {
		t.Errorf("%d lines of dialogue, want those of ten dialogues", len(lines))
	}
}

// section is the text below a heading of the third level, or of the second.
func section(tb testing.TB, heading string) string {
	tb.Helper()
	_, text, ok := strings.Cut(document(tb), "# "+heading+"\n")
	if !ok {
		tb.Fatalf("PROTOCOL.md has no section %q", heading)
	}
	text, _, _ = strings.Cut(text, "\n#")
	return text
}

// cells are the rows of a section's first table, without its head.
func cells(text string) (rows [][]string) {
	for _, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "|"):
			row := strings.Split(strings.Trim(line, "|"), "|")
			for i := range row {
				row[i] = strings.TrimSpace(row[i])
			}
			rows = append(rows, row)
		case len(rows) > 0:
			return rows[2:]
		}
	}
	return rows
}

// TestTablesOfTheDocumentNameEveryField compares the fields of each frame's
// table with those of its golden frames.
func TestTablesOfTheDocumentNameEveryField(t *testing.T) {
	used := map[string]map[string]bool{}
	for _, g := range readAll[golden](t, "frames") {
		var frame map[string]any
		if err := json.Unmarshal(g.Frame, &frame); err != nil {
			t.Fatal(err)
		}
		kind := frame["type"].(string)
		if used[kind] == nil {
			used[kind] = map[string]bool{}
		}
		collect(used, used[kind], "", frame)
	}
	used["6 Items and counts"] = used["items"]
	delete(used, "items")
	for heading, want := range used {
		got := map[string]bool{}
		for _, row := range cells(section(t, heading)) {
			for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[0], -1) {
				got[name[1]] = true
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("fields of %s (-golden frames +document):\n%s", heading, diff)
		}
	}
}

// collect adds the paths of an object's fields; those of items go by themselves,
// and an event has its own document.
func collect(used map[string]map[string]bool, paths map[string]bool, prefix string, object map[string]any) {
	for name, value := range object {
		paths[prefix+name] = true
		switch v := value.(type) {
		case map[string]any:
			if name != "event" {
				collect(used, paths, prefix+name+".", v)
			}
		case []any:
			for _, element := range v {
				inner, ok := element.(map[string]any)
				switch {
				case ok && name == "items":
					if used["items"] == nil {
						used["items"] = map[string]bool{}
					}
					collect(used, used["items"], "", inner)
				case ok:
					collect(used, paths, prefix+name+".", inner)
				}
			}
		}
	}
}

func TestTheDocumentHasTheTableOfCodes(t *testing.T) {
	type facts struct {
		Status    int
		Temporary bool
	}
	want, got := map[string]facts{}, map[string]facts{}
	for _, code := range []protocol.Code{
		protocol.InvalidRequest, protocol.UnknownType, protocol.Unauthorized, protocol.Forbidden, protocol.NotFound,
		protocol.Conflict, protocol.TooLarge, protocol.TooManyRequests, protocol.Internal, protocol.Unavailable,
		protocol.SessionRevoked, protocol.SessionExpired, protocol.TooManyConnections,
	} {
		want[string(code)] = facts{code.Status(), protocol.NewError(code, "").Temporary}
	}
	for _, row := range cells(section(t, "8 Errors")) {
		status, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		got[strings.Trim(row[0], "`")] = facts{status, row[2] == "yes"}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("codes (-code +document):\n%s", diff)
	}
}

func TestTheDocumentHasEveryRuleOfTheInvalidFrames(t *testing.T) {
	rules := section(t, "Rules")
	for name, c := range readAll[struct{ Faults []struct{ Rule string } }](t, "invalid") {
		for _, f := range c.Faults {
			if !strings.Contains(rules, "`"+f.Rule+"`") {
				t.Errorf("%s: the rule %s is not in PROTOCOL.md, want it there", name, f.Rule)
			}
		}
	}
}
