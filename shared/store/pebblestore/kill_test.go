package pebblestore_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"bellhop/shared/inbox"
	"bellhop/shared/store/pebblestore"
)

// killFolder is set for a child process that writes until it is killed.
const killFolder = "BELLHOP_TEST_KILL_FOLDER"

// TestKill kills a process while it commits: what it has acknowledged is there.
func TestKill(t *testing.T) {
	if dir := os.Getenv(killFolder); dir != "" {
		writeForEver(t, dir)
	}
	dir := t.TempDir()
	acknowledged := runAndKill(t, dir, 2000)
	s := open(t, dir, nil)
	loaded, err := s.Load(t.Context(), "ann", inbox.Want{Items: []int64{1, acknowledged}})
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Head.Offset < acknowledged || len(loaded.Items) != 2 {
		t.Errorf("after a kill: got offset %d and %d of 2 items, want at least offset %d", loaded.Head.Offset, len(loaded.Items), acknowledged)
	}
}

// runAndKill returns the last offset that the child had acknowledged.
func runAndKill(t *testing.T, dir string, enough int64) (last int64) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKill$")
	child.Env = append(os.Environ(), killFolder+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		offset, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			break // cut by the kill
		}
		if last = offset; last == enough {
			_ = child.Process.Kill()
		}
	}
	_ = child.Wait() // it was killed
	if last < enough {
		t.Fatalf("the child acknowledged %d commits, want %d", last, enough)
	}
	return last
}

func writeForEver(t *testing.T, dir string) {
	s, err := pebblestore.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	var head inbox.Head
	for next := (inbox.Head{Epoch: "e"}); ; next.Offset++ {
		c := inbox.Change{Was: head, Head: next}
		if next.Offset > 0 {
			i := inbox.Item{Offset: next.Offset, Changed: next.Offset, Unread: next.Offset, Event: make([]byte, 450), Expires: time.Unix(4e9, 0)}
			c.Items = []inbox.ItemWrite{{Item: i}}
		}
		if err := s.Commit(t.Context(), "ann", c); err != nil {
			t.Fatal(err)
		}
		if head = next; head.Offset > 0 {
			fmt.Println(head.Offset)
		}
	}
}
