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

// lines logs what is written to it, a record a line.
type lines struct {
	logger *slog.Logger
	level  slog.Level // of a line that names none

	mu   sync.Mutex
	rest []byte // a line without its end
}

func newLines(logger *slog.Logger, level slog.Level) *lines {
	return &lines{logger: logger, level: level}
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
		l.log()
	}
}

// flush logs a last line that has no end.
func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.log()
}

func (l *lines) log() {
	if len(l.rest) == 0 {
		return
	}
	l.logger.Log(context.Background(), levelOf(l.rest, l.level), "function wrote", "line", string(l.rest))
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
