package sigv4

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	now     = time.Date(2026, 9, 2, 9, 15, 0, 0, time.UTC)
	secrets = map[string]string{"AKID": "secret"}
	keys    = aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}
)

const address = "https://k7demo9x2a.execute-api.eu-west-1.amazonaws.com/live/@connections/Zk3TqcW1IAMCJ2w%3D"

func requestOf(req *http.Request, body string) *Request {
	return &Request{
		Method: req.Method, Host: req.URL.Host, Path: req.URL.EscapedPath(), Query: req.URL.RawQuery,
		Header: req.Header, Body: []byte(body),
	}
}

func hashOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// signed is a request as the SDK of Go signs it; single: with the path encoded once.
func signed(t *testing.T, body string, single bool) *Request {
	t.Helper()
	req, err := http.NewRequest("POST", address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = single })
	if single {
		req.URL.Opaque = "//" + req.URL.Host + "/live/%40connections/Zk3TqcW1IAMCJ2w%3D"
	}
	if err := signer.SignHTTP(context.Background(), keys, req, hashOf(body), "execute-api", "eu-west-1", now); err != nil {
		t.Fatal(err)
	}
	return requestOf(req, body)
}

func verify(r *Request, at time.Time) error {
	s, err := Find(r, "execute-api")
	if err != nil {
		return err
	}
	return s.Verify(r, secrets, at)
}

func TestVerify_6_Header(t *testing.T) {
	for _, single := range []bool{false, true} {
		if err := verify(signed(t, "hello", single), now.Add(4*time.Minute)); err != nil {
			t.Errorf("path encoded once %v: got %v, want nil", single, err)
		}
	}
	for name, spoil := range map[string]func(r *Request){
		"body":   func(r *Request) { r.Body = []byte("other") },
		"method": func(r *Request) { r.Method = "DELETE" },
		"path":   func(r *Request) { r.Path = strings.Replace(r.Path, "Zk3", "Zk4", 1) },
		"header": func(r *Request) { r.Header.Set("Content-Type", "text/plain") },
		"host":   func(r *Request) { r.Host = "other" },
		"query":  func(r *Request) { r.Query = "a=b" },
	} {
		r := signed(t, "hello", false)
		spoil(r)
		if err := verify(r, now); !errors.Is(err, errWrong) {
			t.Errorf("other %s: got %v, want %v", name, err, errWrong)
		}
	}
	if err := verify(signed(t, "hello", false), now.Add(6*time.Minute)); !errors.Is(err, errExpired) {
		t.Errorf("late: got %v, want %v", err, errExpired)
	}
	r := signed(t, "hello", false)
	r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "AKID", "OTHER", 1))
	if err := verify(r, now); !errors.Is(err, errKey) {
		t.Errorf("unknown key: got %v, want %v", err, errKey)
	}
	r = signed(t, "hello", false)
	r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "host;", "", 1))
	if err := verify(r, now); !errors.Is(err, errWrong) {
		t.Errorf("host not signed: got %v, want %v", err, errWrong)
	}
}

func presigned(t *testing.T) *Request {
	t.Helper()
	req, err := http.NewRequest("GET", "https://k7demo9x2a.execute-api.eu-west-1.amazonaws.com/live?room=a+b&X-Amz-Expires=60", nil)
	if err != nil {
		t.Fatal(err)
	}
	uri, _, err := v4.NewSigner().PresignHTTP(context.Background(), keys, req, hashOf(""), "execute-api", "eu-west-1", now)
	if err != nil {
		t.Fatal(err)
	}
	if req, err = http.NewRequest("GET", uri, nil); err != nil {
		t.Fatal(err)
	}
	return requestOf(req, "")
}

func TestVerify_3_Presigned(t *testing.T) {
	if err := verify(presigned(t), now.Add(59*time.Second)); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	if err := verify(presigned(t), now.Add(61*time.Second)); !errors.Is(err, errExpired) {
		t.Errorf("late: got %v, want %v", err, errExpired)
	}
	r := presigned(t)
	r.Query = strings.Replace(r.Query, "room=a", "room=b", 1)
	if err := verify(r, now); !errors.Is(err, errWrong) {
		t.Errorf("other query: got %v, want %v", err, errWrong)
	}
}

func TestFind_6(t *testing.T) {
	for name, tt := range map[string]struct {
		header, query string
		want          error
	}{
		"nothing":    {"", "", errMissing},
		"basic":      {"Basic eDp5", "", errMissing},
		"service":    {"AWS4-HMAC-SHA256 Credential=A/20260902/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=0", "", errService},
		"scope":      {"AWS4-HMAC-SHA256 Credential=A, SignedHeaders=host, Signature=0", "", errService},
		"query":      {"", "X-Amz-Signature=0&X-Amz-Credential=A/20260902/eu-west-1/execute-api/aws4_request", nil},
		"bad query":  {"", "%zz", errMissing},
		"well-named": {"AWS4-HMAC-SHA256 Credential=A/20260902/eu-west-1/execute-api/aws4_request,SignedHeaders=host,Signature=0", "", nil},
	} {
		r := &Request{Query: tt.query, Header: http.Header{"Authorization": {tt.header}}}
		s, err := Find(r, "execute-api")
		if !errors.Is(err, tt.want) || err == nil && (s.AccessKey != "A" || s.Region != "eu-west-1") {
			t.Errorf("%s: got %+v, %v, want %v", name, s, err, tt.want)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKID/20260902/eu-west-1/execute-api/aws4_request, SignedHeaders=host;x, Signature=0", "", "/a%20b")
	f.Add("", "X-Amz-Signature=0&X-Amz-Credential=AKID/20260902/eu-west-1/execute-api/aws4_request&X-Amz-Expires=60&X-Amz-Date=20260902T091500Z&X-Amz-SignedHeaders=host", "/")
	f.Fuzz(func(t *testing.T, authorization, query, path string) {
		r := &Request{Method: "GET", Host: "h", Path: path, Query: query, Header: http.Header{"Authorization": {authorization}}}
		if err := verify(r, now); err == nil {
			t.Errorf("a made-up signature is right: %q %q", authorization, query)
		}
	})
}
