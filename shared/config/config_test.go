package config_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"bellhop/shared/config"
)

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestDefaults(t *testing.T) {
	c, err := config.Read(env(nil))
	if err != nil {
		t.Fatal(err)
	}
	if !c.AllowedOrigins.Empty() || c.SessionCookieName != "sessionid" || c.Retention != 90*24*time.Hour || c.LogLevel != slog.LevelInfo {
		t.Errorf("defaults %+v, want no origin, sessionid, 90 days and INFO", c)
	}
}

func TestEveryVariableIsRead(t *testing.T) {
	c, err := config.Read(env(map[string]string{
		"ALLOWED_ORIGINS": "https://example.com, .example.org", "SESSION_COOKIE_NAME": "__Host-sid",
		"RETENTION_DAYS": "3650", "LOG_LEVEL": "debug",
		"INBOX_TABLE": "I", "CONNECTIONS_TABLE": "C", "SESSIONS_TABLE": "S",
	}))
	if err != nil {
		t.Fatal(err)
	}
	for origin, want := range map[string]bool{"https://example.com": true, "http://example.com": false, "https://a.example.org": true} {
		if got := c.AllowedOrigins.Allows(origin, true); got != want {
			t.Errorf("origin %s allowed: %v, want %v", origin, got, want)
		}
	}
	if c.SessionCookieName != "__Host-sid" || c.Retention != 3650*24*time.Hour || c.LogLevel != slog.LevelDebug {
		t.Errorf("read %+v, want what was set", c)
	}
	if want := (config.Tables{Inbox: "I", Connections: "C", Sessions: "S"}); c.Tables != want {
		t.Errorf("tables %+v, want %+v", c.Tables, want)
	}
}

func TestAllFaultsTogether(t *testing.T) {
	_, err := config.Read(env(map[string]string{
		"ALLOWED_ORIGINS": "https://[::1, good.example, ftp://[x", "SESSION_COOKIE_NAME": "a b",
		"RETENTION_DAYS": "0", "LOG_LEVEL": "LOUD",
	}))
	if err == nil {
		t.Fatal("no error, want four faults")
	}
	for _, name := range []string{"ALLOWED_ORIGINS", "SESSION_COOKIE_NAME", "RETENTION_DAYS", "LOG_LEVEL"} {
		if !strings.Contains(err.Error(), name+": ") {
			t.Errorf("error %q does not name %s", err, name)
		}
	}
}

func TestRetentionDays(t *testing.T) {
	for text, ok := range map[string]bool{
		"1": true, "90": true, "3650": true,
		"0": false, "-1": false, "3651": false, "1.5": false, "90d": false, " 90": false, "99999999999999999999": false,
	} {
		if _, err := config.Read(env(map[string]string{"RETENTION_DAYS": text})); (err == nil) != ok {
			t.Errorf("RETENTION_DAYS=%q: error %v, want allowed: %v", text, err, ok)
		}
	}
}
