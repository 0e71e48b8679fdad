package sigv4

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Verify checks the signature of r at a time. secrets are by access key.
func (s *Signature) Verify(r *Request, secrets map[string]string, now time.Time) error {
	secret, known := secrets[s.AccessKey]
	switch {
	case !known:
		return errKey
	case !s.inTime(now):
		return errExpired
	case !s.covers("host"):
		return errWrong
	}
	for _, path := range canonicalPaths(r.Path) {
		for _, hash := range s.payloadHashes(r) {
			got, err := s.again(r, path, hash, secret)
			if err == nil && subtle.ConstantTimeCompare([]byte(got), []byte(s.signature)) == 1 {
				return nil
			}
		}
	}
	return errWrong
}

// canonicalPaths are the forms in which a path may have been signed.
func canonicalPaths(path string) []string {
	plain, err := url.PathUnescape(path)
	if err != nil {
		plain = path
	}
	return []string{escape(path), escape(plain), path}
}

// escape encodes all but unreserved characters and slashes.
func escape(path string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
		if letter || strings.IndexByte("-._~/", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		const hex = "0123456789ABCDEF"
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// payloadHashes are what may have been signed as the body's hash.
func (s *Signature) payloadHashes(r *Request) []string {
	sum := sha256.Sum256(r.Body)
	body := hex.EncodeToString(sum[:])
	if s.Presigned {
		return []string{body, "UNSIGNED-PAYLOAD"}
	}
	return []string{body}
}

// again signs what the signature says that it covers.
func (s *Signature) again(r *Request, path, hash, secret string) (string, error) {
	req := &http.Request{Method: r.Method, Host: r.Host, Header: http.Header{}, URL: &url.URL{
		Scheme: "https", Host: r.Host, Opaque: "//" + r.Host + path, RawQuery: r.Query,
	}}
	for _, name := range s.signed {
		key := http.CanonicalHeaderKey(name)
		if values := r.Header[key]; len(values) > 0 && name != "host" {
			req.Header[key] = append([]string(nil), values...)
		}
	}
	if s.covers("content-length") {
		req.ContentLength = int64(len(r.Body))
	}
	credentials := aws.Credentials{AccessKeyID: s.AccessKey, SecretAccessKey: secret}
	signer := v4.NewSigner(func(o *v4.SignerOptions) {
		o.DisableURIPathEscaping, o.DisableHeaderHoisting = true, true
	})
	if s.Presigned {
		return presign(signer, credentials, req, presigning{s, hash})
	}
	err := signer.SignHTTP(context.Background(), credentials, req, hash, s.Service, s.Region, s.Date)
	_, signature, _ := strings.Cut(req.Header.Get("Authorization"), "Signature=")
	return signature, err
}

type presigning struct {
	*Signature
	hash string
}

func presign(signer *v4.Signer, credentials aws.Credentials, req *http.Request, p presigning) (string, error) {
	query := req.URL.Query()
	for _, name := range []string{"X-Amz-Signature", "X-Amz-Credential", "X-Amz-Algorithm", "X-Amz-Date", "X-Amz-SignedHeaders"} {
		query.Del(name)
	}
	req.URL.RawQuery = query.Encode()
	signed, _, err := signer.PresignHTTP(context.Background(), credentials, req, p.hash, p.Service, p.Region, p.Date)
	if err != nil {
		return "", err
	}
	_, signature, _ := strings.Cut(signed, "X-Amz-Signature=")
	return signature, nil
}
