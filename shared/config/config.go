// Package config is the environment of the functions, read once into a typed
// struct. Every variable is a parameter of template.yaml or set by it; all
// faults are reported together.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bellhop/shared/limit"
	"bellhop/shared/origin"
	"bellhop/shared/session"
	"bellhop/shared/session/django"
	"bellhop/shared/session/jwt"
)

// Config is what an operator can set.
type Config struct {
	// AllowedOrigins (ALLOWED_ORIGINS) may open a socket: comma-separated, in
	// the patterns of Django's ALLOWED_HOSTS. Empty: none.
	AllowedOrigins origin.List
	// SessionCookieName (SESSION_COOKIE_NAME) is the cookie that carries the
	// session's token. Default "sessionid".
	SessionCookieName string
	// JWT (JWT_ISSUER, JWT_AUDIENCE, JWT_JWKS_URL, JWT_ALGORITHMS,
	// JWT_USER_CLAIM) says whose tokens count beside the sessions of the table.
	// Algorithms are comma-separated. Default: nobody's.
	JWT jwt.Settings
	// Django (DJANGO_SECRET_KEY, DJANGO_SECRET_KEY_FALLBACKS, DJANGO_SESSION_SALT,
	// DJANGO_SESSION_COOKIE_AGE in seconds, 1 to 365 days) lets the signed cookies
	// of a Django site in. Fallbacks are separated by white space. Default: off.
	Django django.Settings
	// Retention (RETENTION_DAYS, 1 to 3650) is how long a notification is kept
	// that has no expiry of its own. Default 90 days.
	Retention time.Duration
	// Lifetime is how far sessions go on: SESSION_MAX_AGE_DAYS (1 to 365,
	// default 365) is how old one gets at most, however often it is renewed;
	// SESSION_IDLE_MINUTES (0 to 525600, default 0) is for how long what its user
	// does extends it, 0: not at all.
	Lifetime session.Lifetime
	// Rates are what one user may ask for: CONNECTION_RATE_LIMIT frames a second
	// of each connection on average (default 10; 0: no limit), and
	// CONNECTION_BURST_LIMIT at once (default 50); USER_RATE_LIMIT and
	// USER_BURST_LIMIT of all together, requests over HTTP included (30, 150).
	Rates limit.Rates
	// MaxConnections (MAX_CONNECTIONS_PER_USER, up to 1000) is how many
	// connections of a user stay open. Default 20; 0: no limit.
	MaxConnections int
	// LogLevel (LOG_LEVEL: DEBUG, INFO, WARN, ERROR) is the least severe line
	// that is written. Default INFO.
	LogLevel slog.Level
	// Tables (INBOX_TABLE, CONNECTIONS_TABLE, SESSIONS_TABLE) are the names of
	// the DynamoDB tables.
	Tables Tables
}

// Tables are names of DynamoDB tables.
type Tables struct{ Inbox, Connections, Sessions string }

// Read reads the variables that getenv gives, such as os.Getenv.
func Read(getenv func(string) string) (Config, error) {
	c := Config{
		SessionCookieName: or(getenv("SESSION_COOKIE_NAME"), "sessionid"),
		Tables:            Tables{getenv("INBOX_TABLE"), getenv("CONNECTIONS_TABLE"), getenv("SESSIONS_TABLE")},
	}
	var errs []error
	fault := func(name string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	var err error
	c.AllowedOrigins, err = origin.Parse(getenv("ALLOWED_ORIGINS"))
	fault("ALLOWED_ORIGINS", err)
	fault("SESSION_COOKIE_NAME", (&http.Cookie{Name: c.SessionCookieName}).Valid())
	c.Retention, err = days(or(getenv("RETENTION_DAYS"), "90"))
	fault("RETENTION_DAYS", err)
	c.Lifetime.MaxAge, err = days(or(getenv("SESSION_MAX_AGE_DAYS"), "365"))
	if err == nil && c.Lifetime.MaxAge > session.MaxTTL {
		err = errors.New("more than 365 days")
	}
	fault("SESSION_MAX_AGE_DAYS", err)
	c.Lifetime.Idle, err = minutes(or(getenv("SESSION_IDLE_MINUTES"), "0"))
	fault("SESSION_IDLE_MINUTES", err)
	c.Rates, err = readRates(getenv)
	fault("*_RATE_LIMIT, *_BURST_LIMIT", err)
	c.MaxConnections, err = whole(or(getenv("MAX_CONNECTIONS_PER_USER"), "20"), 0, 1000)
	fault("MAX_CONNECTIONS_PER_USER", err)
	c.JWT = readJWT(getenv)
	fault("JWT_ISSUER", c.JWT.Check())
	c.Django, err = readDjango(getenv)
	fault("DJANGO_*", err)
	fault("LOG_LEVEL", c.LogLevel.UnmarshalText([]byte(or(getenv("LOG_LEVEL"), "INFO"))))
	return c, errors.Join(errs...)
}

func readJWT(getenv func(string) string) jwt.Settings {
	return jwt.Settings{
		Issuer: getenv("JWT_ISSUER"), Audience: getenv("JWT_AUDIENCE"), JWKSURL: getenv("JWT_JWKS_URL"),
		Algorithms: session.SplitList(getenv("JWT_ALGORITHMS")), UserClaim: getenv("JWT_USER_CLAIM"),
	}
}

func readDjango(getenv func(string) string) (django.Settings, error) {
	age, err := strconv.Atoi(or(getenv("DJANGO_SESSION_COOKIE_AGE"), "1209600"))
	s := django.Settings{
		SecretKey: getenv("DJANGO_SECRET_KEY"), Fallbacks: strings.Fields(getenv("DJANGO_SECRET_KEY_FALLBACKS")),
		Salt: getenv("DJANGO_SESSION_SALT"), CookieAge: time.Duration(age) * time.Second,
	}
	// A reference that nobody resolved is a key that everybody knows.
	if strings.Contains(s.SecretKey+strings.Join(s.Fallbacks, ""), "{{resolve:") {
		return s, errors.New("DJANGO_SECRET_KEY or a fallback is a reference that was not resolved")
	}
	if most := int(session.MaxTTL / time.Second); err != nil || age < 1 || age > most {
		return s, fmt.Errorf("DJANGO_SESSION_COOKIE_AGE is not a number of seconds from 1 to %d", most)
	}
	return s, nil
}

func readRates(getenv func(string) string) (limit.Rates, error) {
	var errs []error
	read := func(name, otherwise string, least int) int {
		n, err := whole(or(getenv(name), otherwise), least, limit.MaxRate)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		return n
	}
	return limit.Rates{
		Connection: limit.Rate{PerSecond: read("CONNECTION_RATE_LIMIT", "10", 0), Burst: read("CONNECTION_BURST_LIMIT", "50", 1)},
		User:       limit.Rate{PerSecond: read("USER_RATE_LIMIT", "30", 0), Burst: read("USER_BURST_LIMIT", "150", 1)},
	}, errors.Join(errs...)
}

func whole(text string, least, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%q is not a number from %d to %d", text, least, most)
	}
	return n, nil
}

func days(text string) (time.Duration, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 3650 {
		return 0, fmt.Errorf("%q is not a number of days from 1 to 3650", text)
	}
	return time.Duration(n) * 24 * time.Hour, nil
}

func minutes(text string) (time.Duration, error) {
	most := int(session.MaxTTL / time.Minute)
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		return 0, fmt.Errorf("%q is not a number of minutes from 0 to %d", text, most)
	}
	return time.Duration(n) * time.Minute, nil
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
