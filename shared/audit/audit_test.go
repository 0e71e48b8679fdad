package audit_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"bellhop/shared/audit"
	"bellhop/shared/session"
)

func written(t *testing.T, level slog.Level, event audit.Event, e audit.Entry) string {
	t.Helper()
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	audit.Write(t.Context(), logger, event, e)
	return strings.TrimSpace(out.String())
}

func TestWrite(t *testing.T) {
	for _, tt := range []struct {
		level slog.Level
		event audit.Event
		entry audit.Entry
		want  string
	}{
		{slog.LevelInfo, audit.Created, audit.Entry{User: "ada", Session: "s"}, `{"level":"INFO","msg":"audit","event":"created","user":"ada","session":"s"}`},
		{slog.LevelInfo, audit.Refused, audit.Entry{
			Reason: audit.Origin, User: "u", Session: "s", Connection: "c=", SourceIP: "198.51.100.7", Origin: "a\n\"b", Closed: 2,
		}, `{"level":"INFO","msg":"audit","event":"refused","reason":"origin","user":"u","session":"s","connection":"c=","source_ip":"198.51.100.7","origin":"a\n\"b","closed":2}`},
		{slog.LevelWarn, audit.Expired, audit.Entry{User: "ada"}, ""},
	} {
		if got := written(t, tt.level, tt.event, tt.entry); got != tt.want {
			t.Errorf("%s at %s: got %s, want %s", tt.event, tt.level, got, tt.want)
		}
	}
}

func TestReasonsOfAdmittedAreTheSources(t *testing.T) {
	for source, want := range map[session.Source]audit.Reason{
		session.FromHeader: audit.ByHeader, session.FromSubprotocol: audit.BySubprotocol,
		session.FromTicket: audit.ByTicket, session.FromCookie: audit.ByCookie,
	} {
		if audit.Reason(source) != want {
			t.Errorf("source %s: the reason is %s, want the same word", source, want)
		}
	}
}

func TestHost(t *testing.T) {
	long := strings.Repeat("é", audit.MaxHost)
	for _, tt := range []struct {
		origins []string
		want    string
	}{
		{nil, ""},
		{[]string{""}, "invalid"},
		{[]string{"null"}, "null"},
		{[]string{"https://app.example.com:8443/secret?token=1"}, "app.example.com:8443"},
		{[]string{"https://user:secret@example.com"}, "example.com"},
		{[]string{"https://example.com", "https://other.test"}, "example.com"},
		{[]string{"example.com/secret"}, "invalid"},
		{[]string{"http://[::1"}, "invalid"},
		{[]string{"https://" + long}, long[:audit.MaxHost-1]},
	} {
		if got := audit.Host(tt.origins); got != tt.want {
			t.Errorf("%.60q: got %.60q, want %.60q", tt.origins, got, tt.want)
		}
	}
}

func FuzzHost(f *testing.F) {
	for _, s := range []string{"https://example.com", "null", "", "https://\xff", "//a@b", "http://[::1]:80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, origin string) {
		if host := audit.Host([]string{origin}); len(host) > audit.MaxHost || !utf8.ValidString(host) || strings.Contains(host, "@") {
			t.Errorf("%q: got %q", origin, host)
		}
	})
}
