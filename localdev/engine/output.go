package engine

import (
	"bytes"
	"sync"
)

// kept is how much of the engine's output is kept, in bytes.
const kept = 64 << 10

// output keeps the beginning of what is written to it, and says when a text is
// there.
type output struct {
	want  []byte
	found chan struct{} // closed once the text is there

	mu   sync.Mutex
	head []byte
	seen bool
}

func newOutput(want string) *output {
	return &output{want: []byte(want), found: make(chan struct{})}
}

// Write never fails.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.head = append(o.head, p[:min(len(p), kept-len(o.head))]...)
	if !o.seen && bytes.Contains(o.head, o.want) {
		o.seen = true
		close(o.found)
	}
	return len(p), nil
}

// String is what was kept.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.head)
}
