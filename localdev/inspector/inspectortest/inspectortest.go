// Package inspectortest reads the inspector's stream in tests, as a page does. Any
// failure ends the test. Read next: package inspector.
package inspectortest

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/observe"
)

// patience bounds the life of a stream.
const patience = 30 * time.Second

// Stream is a page's stream of events.
type Stream struct {
	Response *http.Response
	t        testing.TB
	lines    *bufio.Reader
}

// Message is one event of a stream: a row, unless it has a Type.
type Message struct {
	Type, ID, Data string
	Row            Row
}

// Row is what the inspector tells of an event.
type Row struct {
	ID string `json:"id"`
	observe.Event
	Text string `json:"text"`
	Cut  bool   `json:"cut"`
}

// Open opens a stream of the service at a URL, after the row of an id; "" is from
// the oldest that is kept. The inspector listens once it has returned. The stream
// ends with the test.
func Open(t testing.TB, url, after string) *Stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/_inspector/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if after != "" {
		r.Header.Set("Last-Event-ID", after)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	s := &Stream{Response: res, t: t, lines: bufio.NewReader(res.Body)}
	t.Cleanup(s.Close)
	return s
}

// Close ends the stream.
func (s *Stream) Close() { _ = s.Response.Body.Close() }

// Next reads the next event.
func (s *Stream) Next() (m Message) {
	s.t.Helper()
	for {
		line, err := s.lines.ReadString('\n')
		if err != nil {
			s.t.Fatalf("read the stream: %v", err)
		}
		switch name, value, _ := strings.Cut(strings.TrimSpace(line), ": "); {
		case name == "event":
			m.Type = value
		case name == "id":
			m.ID = value
		case name == "data":
			m.Data = value
		case line == "\n" && m.Data != "": // else it ends a comment
			s.decode(&m)
			return m
		}
	}
}

func (s *Stream) decode(m *Message) {
	s.t.Helper()
	if m.Type != "" {
		return
	}
	if err := json.Unmarshal([]byte(m.Data), &m.Row); err != nil {
		s.t.Fatalf("row %s: %v", m.Data, err)
	}
}

// Until reads on to the first row that is looked for.
func (s *Stream) Until(found func(r Row) bool) Row {
	s.t.Helper()
	for {
		if m := s.Next(); m.Type == "" && found(m.Row) {
			return m.Row
		}
	}
}
