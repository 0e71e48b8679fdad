package protocol_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellhop/shared/fault"
	"bellhop/shared/protocol"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// readAll reads each file of a folder of testdata into a T, by its name.
func readAll[T any](tb testing.TB, folder string) map[string]T {
	tb.Helper()
	paths, _ := filepath.Glob(filepath.Join("testdata", folder, "*.json"))
	if len(paths) == 0 {
		tb.Fatalf("testdata/%s: no files", folder)
	}
	all := make(map[string]T, len(paths))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		var v T
		if err := json.Unmarshal(text, &v); err != nil {
			tb.Fatalf("%s: %v", path, err)
		}
		all[strings.TrimSuffix(filepath.Base(path), ".json")] = v
	}
	return all
}

type golden struct {
	Name      string          `json:"name"`
	Direction string          `json:"direction"` // client or server: who sends it
	Frame     json.RawMessage `json:"frame"`
}

// compact is the frame as it goes over the wire.
func (g golden) compact(tb testing.TB) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, g.Frame); err != nil {
		tb.Fatalf("%s: %v", g.Name, err)
	}
	return b.Bytes()
}

func decode(direction string, frame []byte) (any, error) {
	if direction == "server" {
		return protocol.DecodeServer(frame)
	}
	decoded, _, err := protocol.DecodeClient(frame)
	return decoded, err
}

func TestGoldenFramesComeBackByteForByte(t *testing.T) {
	seen := map[string]bool{}
	for file, g := range readAll[golden](t, "frames") {
		if g.Name != file || (g.Direction != "client" && g.Direction != "server") {
			t.Errorf("%s.json: name %q, direction %q, want its own name, and client or server", file, g.Name, g.Direction)
		}
		wire := g.compact(t)
		frame, err := decode(g.Direction, wire)
		if err != nil || frame == nil {
			t.Errorf("%s: decoded as %v, error %v, want a frame", file, frame, err)
			continue
		}
		if diff := cmp.Diff(string(wire), string(protocol.Encode(frame))); diff != "" {
			t.Errorf("%s: encoded again (-want +got):\n%s", file, diff)
		}
		var head struct{ Type string }
		if err := json.Unmarshal(wire, &head); err != nil {
			t.Fatal(err)
		}
		seen[g.Direction+" "+head.Type] = true
	}
	for _, kind := range []string{
		"client hello", "client mark", "client list", "client ack", "client ping",
		"server welcome", "server marked", "server page", "server pong", "server notification", "server state",
		"server withdrawn", "server disconnect", "server error",
	} {
		if !seen[kind] {
			t.Errorf("no golden frame of %s, want one of every type", kind)
		}
	}
}

func TestInvalidFramesAreRefusedWithTheirFaults(t *testing.T) {
	type invalid struct {
		Name, Input string
		Code        protocol.Code
		Faults      fault.Faults
	}
	for file, c := range readAll[invalid](t, "invalid") {
		if c.Name != file {
			t.Errorf("%s.json: name %q, want its own", file, c.Name)
		}
		frame, _, err := protocol.DecodeClient([]byte(c.Input))
		var got *protocol.Error
		if !errors.As(err, &got) {
			t.Errorf("%s: decoded as %v, error %v, want a *protocol.Error", file, frame, err)
			continue
		}
		if got.Code != c.Code || got.Temporary || frame != nil {
			t.Errorf("%s: frame %v, code %s, temporary %v, want none, %s, false", file, frame, got.Code, got.Temporary, c.Code)
		}
		if diff := cmp.Diff(c.Faults, append(fault.Faults{}, got.Faults...)); diff != "" {
			t.Errorf("%s: faults (-want +got):\n%s", file, diff)
		}
	}
}

func TestFramesOfUnknownTypesArePassedOver(t *testing.T) {
	for file, c := range readAll[struct{ Name, Input string }](t, "ignored") {
		if frame, err := protocol.DecodeServer([]byte(c.Input)); frame != nil || err != nil || c.Name != file {
			t.Errorf("%s (%s): decoded as %v, error %v, want neither", file, c.Name, frame, err)
		}
	}
}
