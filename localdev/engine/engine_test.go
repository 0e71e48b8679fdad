package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"bellhop/localdev/engine"
	"bellhop/localdev/tables"
	"bellhop/localdev/template"
	"bellhop/localdev/tools"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStart_KeepsTheTablesInItsFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data", "dynamodb.db")
	rooms := []template.Table{{Name: "Rooms", Attributes: map[string]string{"id": "S"}, Key: template.Key{Hash: "id"}}}
	for i, want := range []int{1, 0} { // the second time it is there
		e := start(t, file)
		client, release := tables.Client(e.URL(), "eu-west-1")
		if made, err := tables.Create(t.Context(), client, rooms); err != nil || len(made) != want {
			t.Errorf("create, run %d: got %v, %v, want %d made", i+1, made, err, want)
		}
		release()
		end(t, e)
	}
}

func TestStart_OfWhatIsNoEngine(t *testing.T) {
	for _, tt := range []struct{ name, binary, want string }{
		{"Absent", filepath.Join(t.TempDir(), "absent"), "no such file"},
		{"EndsAtOnce", "/bin/false", "ended at once"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := engine.Start(t.Context(), engine.Options{Binary: tt.binary}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestClose_TellsOfAnEngineThatDied(t *testing.T) {
	e := start(t, "")
	if err := syscall.Kill(e.Process(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-e.Done()
	if err := e.Close(context.Background()); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("Close: got %v, want an error that says how it ended", err)
	}
}

func start(t *testing.T, file string) *engine.Engine {
	t.Helper()
	installed, err := tools.Find()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := installed.Engine()
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Start(t.Context(), engine.Options{Binary: binary, File: file})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func end(t *testing.T, e *engine.Engine) {
	t.Helper()
	if err := e.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := syscall.Kill(e.Process(), 0); err != syscall.ESRCH {
		t.Errorf("signal to the engine after Close: got %v, want %v", err, os.ErrProcessDone)
	}
}
