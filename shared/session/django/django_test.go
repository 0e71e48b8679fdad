package django_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bellhop/shared/session"
	"bellhop/shared/session/django"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)

const key = "django-insecure-9s!3 of the site"

// order is one line to Django.
type order map[string]any

// original has Django itself make cookies or read them.
func original(t *testing.T, orders []order) []string {
	t.Helper()
	in, err := json.Marshal(orders)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join("..", "..", "..", ".venv", "bin", "python"), "testdata/original.py")
	cmd.Stdin = bytes.NewReader(in)
	var faults bytes.Buffer
	cmd.Stderr = &faults
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("original.py (it needs `make setup`): %v\n%s", err, faults.String())
	}
	var answers []*string
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(orders) {
		t.Fatalf("original.py gave %d answers to %d orders: %v", len(answers), len(orders), err)
	}
	texts := make([]string, len(answers))
	for i, a := range answers {
		if a != nil {
			texts[i] = *a
		}
	}
	return texts
}

func cookie(change order) order {
	made := order{"user": 7, "key": key, "time": now.Unix()}
	for name, value := range change {
		if made[name] = value; value == nil {
			delete(made, name)
		}
	}
	return order{"make": made}
}

// The verdict over each cookie is Django's own, and the user is the one that
// Django finds.
func TestVerdictsAreDjangos(t *testing.T) {
	age := 14 * 24 * time.Hour
	long := map[string]any{"cart": strings.Repeat("an article ", 200)}
	made := original(t, []order{
		cookie(nil), cookie(order{"values": long}), cookie(order{"key": "former"}), cookie(order{"key": "stranger's"}),
		cookie(order{"salt": "django.core.signing"}), cookie(order{"user": nil, "values": map[string]any{"a": "zoë"}}),
		cookie(order{"time": now.Add(-age).Unix()}), cookie(order{"time": now.Add(-age - time.Second).Unix()}),
		cookie(order{"time": now.Add(-age + time.Second).Unix()}), cookie(order{"user": "5f0c"}),
	})
	if !strings.HasPrefix(made[1], ".") {
		t.Fatalf("cookie %q, want one that Django compressed", made[1])
	}
	good := made[0]
	payload, rest, _ := strings.Cut(good, ":")
	stamp, signature, _ := strings.Cut(rest, ":")
	cases := map[string]struct{ cookie, want string }{
		"good":                    {good, "7"},
		"compressed":              {made[1], "7"},
		"a fallback key":          {made[2], "7"},
		"a key of somebody else":  {made[3], ""},
		"another salt":            {made[4], ""},
		"nobody signed in":        {made[5], ""},
		"at its age's end":        {made[6], "7"}, // Django counts that second in
		"past its age":            {made[7], ""},
		"in its last second":      {made[8], "7"},
		"a text as the user's id": {made[9], "5f0c"},
		"another payload":         {strings.Replace(payload, "e", "f", 1) + ":" + rest, ""},
		"another time":            {payload + ":" + stamp[:len(stamp)-1] + "0:" + signature, ""},
		"another signature":       {good[:len(good)-4] + "AAAA", ""},
		"a padded signature":      {good + "=", ""},
		"no signature":            {payload + ":" + stamp + ":", ""},
		"no time":                 {payload + ":" + signature, ""},
		"said to be compressed":   {"." + good, ""},
		"colons":                  {"::", ""},
		"a pickle":                {sign("gASVFgAAAAAAAAB9lIwNX2F1dGhfdXNlcl9pZJSMATeUcy4", now), ""},
		"no JSON":                 {sign("e30gYQ", now), ""},
		"broken compression":      {sign(".e30", now), ""},
		"a list":                  {sign("W10", now), ""},
	}
	v := django.New(django.Settings{SecretKey: key, Fallbacks: []string{"former"}})
	var names []string
	var orders []order
	for name, tt := range cases {
		names = append(names, name)
		orders = append(orders, order{"read": tt.cookie, "key": key, "fallbacks": []string{"former"}, "age": age / time.Second, "time": now.Unix()})
	}
	theirs := original(t, orders)
	for i, name := range names {
		tt := cases[name]
		got, err := v.Verify(context.Background(), tt.cookie, now)
		if theirs[i] != tt.want {
			t.Errorf("%s: Django finds user %q, want %q", name, theirs[i], tt.want)
		}
		if got.User != tt.want || (tt.want == "") != errors.Is(err, session.ErrNotFound) {
			t.Errorf("%s: user %q, %v, want %q", name, got.User, err, tt.want)
		}
	}
}

// sign signs what Django would not write, with the site's key.
func sign(payload string, at time.Time) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	stamp := ""
	for n := at.Unix(); n > 0; n /= 62 {
		stamp = string(alphabet[n%62]) + stamp
	}
	secret := sha256.Sum256([]byte(django.DefaultSalt + "signer" + key))
	mac := hmac.New(sha256.New, secret[:])
	mac.Write([]byte(payload + ":" + stamp))
	return payload + ":" + stamp + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestTimesOfTheSession(t *testing.T) {
	v := django.New(django.Settings{SecretKey: key, CookieAge: time.Hour})
	good := sign("eyJfYXV0aF91c2VyX2lkIjoiNyJ9", now)
	got, err := v.Verify(context.Background(), good, now)
	if err != nil || !got.Issued.Equal(now) || !got.Expires.Equal(now.Add(time.Hour)) || got.Signed != good[:strings.LastIndex(good, ":")] {
		t.Errorf("Verify = %+v, %v, want an hour from %s", got, err, now)
	}
	if _, err := v.Verify(context.Background(), sign("eyJfYXV0aF91c2VyX2lkIjoiNyJ9", now.Add(2*time.Minute)), now); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("a cookie of the future: %v, want %v", err, session.ErrNotFound)
	}
}

func TestPayloadsThatGrowAreRefused(t *testing.T) {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	_, _ = w.Write([]byte(`{"_auth_user_id":"7","x":"` + strings.Repeat("x", 1<<20) + `"}`))
	_ = w.Close()
	bomb := sign("."+base64.RawURLEncoding.EncodeToString(packed.Bytes()), now)
	if got, err := django.New(django.Settings{SecretKey: key}).Verify(context.Background(), bomb, now); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("%d bytes that become 1 MB: %+v, %v, want %v", len(bomb), got, err, session.ErrNotFound)
	}
}

func TestNothingIsSignedWithoutAKey(t *testing.T) {
	v := django.New(django.Settings{Fallbacks: []string{""}})
	secret := sha256.Sum256([]byte(django.DefaultSalt + "signer"))
	mac := hmac.New(sha256.New, secret[:])
	mac.Write([]byte("e30:1"))
	forged := "e30:1:" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	if _, err := v.Verify(context.Background(), forged, time.Unix(1, 0)); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("signed with an empty key: %v, want %v", err, session.ErrNotFound)
	}
}

func FuzzVerify(f *testing.F) {
	v := django.New(django.Settings{SecretKey: key})
	f.Add("eyJfYXV0aF91c2VyX2lkIjoiNyJ9", "1sH9aa")
	f.Add(".eJwDAAAAAAE", "0")
	f.Fuzz(func(t *testing.T, payload, stamp string) {
		signed := payload + ":" + stamp
		secret := sha256.Sum256([]byte(django.DefaultSalt + "signer" + key))
		mac := hmac.New(sha256.New, secret[:])
		mac.Write([]byte(signed))
		got, err := v.Verify(context.Background(), signed+":"+base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), now)
		if (err == nil) != (got.User != "") {
			t.Errorf("user %q with error %v", got.User, err)
		}
	})
}
