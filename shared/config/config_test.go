package config_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"bellhop/shared/config"
	"bellhop/shared/limit"
	"bellhop/shared/session"
	"bellhop/shared/session/django"
	"bellhop/shared/session/jwt"

	"github.com/google/go-cmp/cmp"
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

func TestTokensOfOthers(t *testing.T) {
	c, err := config.Read(env(map[string]string{
		"JWT_ISSUER": "https://login.example.com", "JWT_AUDIENCE": "bell", "JWT_JWKS_URL": "https://login.example.com/keys",
		"JWT_ALGORITHMS": "RS256, ES256", "JWT_USER_CLAIM": "email",
		"DJANGO_SECRET_KEY": "a,b c", "DJANGO_SECRET_KEY_FALLBACKS": "one two,", "DJANGO_SESSION_COOKIE_AGE": "60", "DJANGO_SESSION_SALT": "s",
	}))
	if err != nil {
		t.Fatal(err)
	}
	wantJWT := jwt.Settings{Issuer: "https://login.example.com", Audience: "bell", JWKSURL: "https://login.example.com/keys", Algorithms: []string{"RS256", "ES256"}, UserClaim: "email"}
	if diff := cmp.Diff(wantJWT, c.JWT); diff != "" {
		t.Errorf("JWT (-want +got):\n%s", diff)
	}
	wantDjango := django.Settings{SecretKey: "a,b c", Fallbacks: []string{"one", "two,"}, CookieAge: time.Minute, Salt: "s"}
	if diff := cmp.Diff(wantDjango, c.Django); diff != "" {
		t.Errorf("Django (-want +got):\n%s", diff)
	}
	if c, err = config.Read(env(nil)); err != nil || c.JWT.Issuer != "" || c.Django.SecretKey != "" {
		t.Errorf("defaults %+v, %+v, %v, want neither", c.JWT, c.Django, err)
	}
}

func TestFaultsOfTokensOfOthers(t *testing.T) {
	for _, tt := range []struct{ variable, value, names string }{
		{"JWT_ISSUER", "https://login.example.com", "JWT_ISSUER"}, // without an audience
		{"DJANGO_SESSION_COOKIE_AGE", "0", "DJANGO_SESSION_COOKIE_AGE"},
		{"DJANGO_SESSION_COOKIE_AGE", "31536001", "DJANGO_SESSION_COOKIE_AGE"},
		{"DJANGO_SESSION_COOKIE_AGE", "two weeks", "DJANGO_SESSION_COOKIE_AGE"},
		{"DJANGO_SECRET_KEY", "{{resolve:secretsmanager:site}}", "DJANGO_SECRET_KEY"},
		{"DJANGO_SECRET_KEY_FALLBACKS", "a {{resolve:secretsmanager:site}}", "DJANGO_SECRET_KEY"},
	} {
		_, err := config.Read(env(map[string]string{tt.variable: tt.value}))
		if err == nil || !strings.Contains(err.Error(), tt.names) {
			t.Errorf("%s=%s: error %v, want one that names %s", tt.variable, tt.value, err, tt.names)
		}
	}
}

func TestLimits(t *testing.T) {
	type limits struct {
		Rates          limit.Rates
		MaxConnections int
	}
	read := func(vars map[string]string) (limits, error) {
		c, err := config.Read(env(vars))
		return limits{c.Rates, c.MaxConnections}, err
	}
	for _, tt := range []struct {
		vars map[string]string
		want limits
	}{
		{nil, limits{limit.Rates{Connection: limit.Rate{PerSecond: 10, Burst: 50}, User: limit.Rate{PerSecond: 30, Burst: 150}}, 20}},
		{
			map[string]string{
				"CONNECTION_RATE_LIMIT": "1", "CONNECTION_BURST_LIMIT": "2", "USER_RATE_LIMIT": "0", "USER_BURST_LIMIT": "10000", "MAX_CONNECTIONS_PER_USER": "0",
			},
			limits{limit.Rates{Connection: limit.Rate{PerSecond: 1, Burst: 2}, User: limit.Rate{PerSecond: 0, Burst: 10000}}, 0},
		},
	} {
		got, err := read(tt.vars)
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%v: %v (-want +got):\n%s", tt.vars, err, diff)
		}
	}
	for _, name := range []string{"CONNECTION_RATE_LIMIT", "CONNECTION_BURST_LIMIT", "USER_RATE_LIMIT", "USER_BURST_LIMIT", "MAX_CONNECTIONS_PER_USER"} {
		values := []string{"-1", "10001", "1.5", "many"}
		if strings.HasSuffix(name, "BURST_LIMIT") {
			values = append(values, "0")
		}
		for _, value := range values {
			if got, err := read(map[string]string{name: value}); err == nil || !strings.Contains(err.Error(), name+": ") {
				t.Errorf("%s=%s: got %+v, error %v, want one that names it", name, value, got, err)
			}
		}
	}
}

func TestLifetime(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		age, idle string
		want      session.Lifetime
		fault     string
	}{
		{"", "", session.Lifetime{MaxAge: 365 * day}, ""},
		{"1", "30", session.Lifetime{MaxAge: day, Idle: 30 * time.Minute}, ""},
		{"365", "525600", session.Lifetime{MaxAge: 365 * day, Idle: 365 * day}, ""},
		{"0", "", session.Lifetime{}, "SESSION_MAX_AGE_DAYS"},
		{"366", "", session.Lifetime{}, "SESSION_MAX_AGE_DAYS"},
		{"", "-1", session.Lifetime{}, "SESSION_IDLE_MINUTES"},
		{"", "525601", session.Lifetime{}, "SESSION_IDLE_MINUTES"},
		{"", "1h", session.Lifetime{}, "SESSION_IDLE_MINUTES"},
	} {
		c, err := config.Read(env(map[string]string{"SESSION_MAX_AGE_DAYS": tt.age, "SESSION_IDLE_MINUTES": tt.idle}))
		if tt.fault != "" && (err == nil || !strings.Contains(err.Error(), tt.fault+": ")) {
			t.Errorf("%q, %q: error %v, want one that names %s", tt.age, tt.idle, err, tt.fault)
		}
		if tt.fault == "" && (err != nil || c.Lifetime != tt.want) {
			t.Errorf("%q, %q: %+v, %v, want %+v", tt.age, tt.idle, c.Lifetime, err, tt.want)
		}
	}
}
