package peers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func lab(t *testing.T) *Lab {
	t.Helper()
	l := &Lab{Folder: "../../../test/peers", Work: t.TempDir()}
	if err := l.Open(); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestOpen_PutsTheCodeIntoTheTemplate(t *testing.T) {
	l := lab(t)
	quoted, err := json.Marshal(l.code)
	if err != nil || !strings.Contains(l.template, "ZipFile: "+string(quoted)+"}") {
		t.Errorf("the code is not in the template: %v\n%s", err, l.template)
	}
	known, _, _ := strings.Cut(l.template, unknownMark)
	if strings.Contains(known, "RouteResponse\n") || !strings.Contains(known, "Outputs:") {
		t.Errorf("MiniStack's part of the template:\n%s", known)
	}
}

func TestPeers_AreNamedWithTheirVersions(t *testing.T) {
	for i, p := range lab(t).Peers() {
		if version := p.Name[strings.LastIndexByte(p.Name, ' ')+1:]; i > 0 && !strings.Contains(version, ".") {
			t.Errorf("%q has no version", p.Name)
		}
	}
	got, err := versions(`{"dependencies":{"a":"1.2.3"}}`, "# b==9\nb==4.5\n\nc>=1\n")
	if err != nil || len(got) != 3 || got["a"] != "1.2.3" || got["b"] != "4.5" {
		t.Errorf("versions: got %v, %v", got, err)
	}
	if _, err := versions(`{`, ""); err == nil {
		t.Error("a package.json that is no JSON: want an error")
	}
}

func TestOutputOf(t *testing.T) {
	const answer = `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
<StackStatus>%s</StackStatus><StackStatusReason>why</StackStatusReason><Outputs>%s</Outputs>
</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
	fill := func(status, outputs string) []byte {
		return []byte(strings.Replace(strings.Replace(answer, "%s", status, 1), "%s", outputs, 1))
	}
	got, err := outputOf(fill("CREATE_COMPLETE", "<member><OutputKey>Api</OutputKey><OutputValue>142d</OutputValue></member>"), "Api")
	if got != "142d" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	for name, text := range map[string][]byte{
		"no such output": fill("CREATE_FAILED", ""), "no stack": []byte("<DescribeStacksResponse/>"), "no XML": []byte("{"),
	} {
		if got, err := outputOf(text, "Api"); err == nil {
			t.Errorf("%s: got %q, want an error", name, got)
		}
	}
}

// A stack is created once, by signed requests.
func TestCreateStack(t *testing.T) {
	var actions []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		action := r.FormValue("Action")
		actions = append(actions, action)
		if !strings.Contains(r.Header.Get("Authorization"), "/us-east-1/cloudformation/aws4_request") {
			t.Errorf("%s: Authorization is %q", action, r.Header.Get("Authorization"))
		}
		switch {
		case action == "CreateStack" && r.FormValue("TemplateBody") != "the template":
			t.Errorf("template: got %q", r.FormValue("TemplateBody"))
		case len(actions) == 1:
			http.Error(w, "no such stack", http.StatusBadRequest)
		case action == "DescribeStacks":
			_, _ = w.Write([]byte(`<R><DescribeStacksResult><Stacks><member><Outputs><member><OutputKey>Api</OutputKey>` +
				`<OutputValue>x1</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></R>`))
		}
	}))
	defer server.Close()
	got, err := createStack(t.Context(), server.URL, "the template")
	if got != "x1" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if want := "DescribeStacks CreateStack DescribeStacks"; strings.Join(actions, " ") != want {
		t.Errorf("actions: got %q, want %q", actions, want)
	}
	if _, err := createStack(t.Context(), "http://127.0.0.1:1", ""); err == nil {
		t.Error("nobody listens: want an error")
	}
}

// What a process has started ends with it, even what does not heed SIGTERM.
func TestProcess_EndsWithItsChildren(t *testing.T) {
	pidFile := filepath.Join(t.TempDir(), "pid")
	p, err := launch(exec.Command("sh", "-c", `(trap "" TERM; exec sleep 1000) >/dev/null 2>&1 & echo $! > "$0.new"; mv "$0.new" "$0"; wait`, pidFile))
	if err != nil {
		t.Fatal(err)
	}
	var child int
	err = p.await(t.Context(), func() error {
		text, err := os.ReadFile(pidFile)
		if err == nil {
			child, err = strconv.Atoi(strings.TrimSpace(string(text)))
		}
		return err
	})
	if err = errors.Join(err, p.close()); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); running(child); {
		if time.Now().After(end) {
			t.Fatalf("child %d still runs", child)
		}
	}
}

// running says whether a process runs: one that nobody has waited for yet does
// not.
func running(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err == nil {
		return !strings.Contains(string(stat), ") Z ")
	}
	_, other := os.Stat("/proc/self")
	return other != nil && syscall.Kill(pid, 0) == nil
}

// A process that ends early is told of with what it wrote.
func TestProcess_AwaitTellsWhatItWrote(t *testing.T) {
	p, err := launch(exec.Command("sh", "-c", "echo no such port >&2; exit 3"))
	if err != nil {
		t.Fatal(err)
	}
	err = p.await(t.Context(), func() error { return errors.New("not yet") })
	if err == nil || !strings.Contains(err.Error(), "no such port") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v", err)
	}
	if err := p.close(); err != nil {
		t.Error(err)
	}
}

// An installation runs once for a list, and again for another.
func TestInstall_RunsOncePerList(t *testing.T) {
	l := &Lab{Folder: t.TempDir()}
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(l.Folder, "list"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	install := func(script string) error {
		return l.install(t.Context(), "there", "list", []string{"sh", "-c", script})
	}
	const step = "mkdir -p there; echo done >> there/log"
	write("a 1")
	if err := install("echo cannot reach it >&2; exit 1"); err == nil || !strings.Contains(err.Error(), "cannot reach it") {
		t.Errorf("a step that fails: got %v", err)
	}
	for range 2 {
		if err := install(step); err != nil {
			t.Fatal(err)
		}
	}
	write("a 2")
	if err := install(step); err != nil {
		t.Fatal(err)
	}
	log, _ := os.ReadFile(filepath.Join(l.Folder, "there/log"))
	if got := strings.Count(string(log), "done"); got != 2 {
		t.Errorf("the step ran %d times, want 2", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	write("a 3")
	if err := l.install(ctx, "there", "list", []string{"sh", "-c", step}); err == nil {
		t.Error("a context that has ended: want an error")
	}
}
