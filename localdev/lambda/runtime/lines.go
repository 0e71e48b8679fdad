package runtime

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"sync"
)

// maxLine is the longest line of output, in bytes.
const maxLine = 64 << 10

// lines passes on what is written to it, line by line.
type lines struct {
	pass func(line []byte) // keeps nothing of it

	mu   sync.Mutex
	rest []byte // a line without its end
}

// lines makes lines that log to the Runner's Output, or else to its Logger, with
// the level of those that name none.
func (r *Runner) lines(level slog.Level) *lines {
	if r.opts.Output != nil {
		return &lines{pass: func(line []byte) { r.print(string(line)) }}
	}
	return &lines{pass: func(line []byte) {
		r.opts.Logger.Log(context.Background(), levelOf(line, level), "function wrote", "line", string(line))
	}}
}

// Write never fails.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(p)
	for {
		line, after, ended := bytes.Cut(p, []byte("\n"))
		room := maxLine - len(l.rest)
		switch {
		case len(line) > room:
			l.rest = append(l.rest, line[:room]...)
			p = p[room:]
		case ended:
			l.rest = append(l.rest, line...)
			p = after
		default:
			l.rest = append(l.rest, line...)
			return n, nil
		}
		l.end()
	}
}

// flush passes on a last line that has no end.
func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end()
}

func (l *lines) end() {
	if len(l.rest) == 0 {
		return
	}
	l.pass(l.rest)
	l.rest = l.rest[:0]
}

// levelOf is the level that a line of JSON names.
func levelOf(line []byte, otherwise slog.Level) slog.Level {
	var named struct {
		Level *slog.Level `json:"level"`
	}
	if line[0] != '{' || json.Unmarshal(line, &named) != nil || named.Level == nil {
		return otherwise
	}
	return *named.Level
}
