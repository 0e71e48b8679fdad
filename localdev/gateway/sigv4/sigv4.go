// Package sigv4 looks for AWS Signature Version 4 in a request, and verifies it
// where that is asked for.
//
// [Find] reads a signature out of the Authorization header or out of a
// presigned query, without judging it. [Signature.Verify] computes it again with
// the AWS SDK's own signer and compares.
//
// # Limits
//
// A signature is good for 5 min before and after its time, a presigned one for
// what its X-Amz-Expires says, at most 7 days. Paths may be encoded once or
// twice in what was signed: SDKs do the latter, signers made for API Gateway the
// former, and AWS takes both.
//
// # Errors
//
// Each is an *Error, with the type and message that AWS answers with; all are
// 403. Source: "Troubleshoot Signature Version 4 signing" of the IAM User Guide.
package sigv4

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Request is what a signature covers.
type Request struct {
	Method string
	Host   string
	Path   string      // as it came over the wire, encoded
	Query  string      // likewise
	Header http.Header // with canonical keys
	Body   []byte
}

// Signature is a signature as a request shows it.
type Signature struct {
	AccessKey, Region, Service string
	Date                       time.Time
	Presigned                  bool

	signed    []string // names of the signed headers, lower case
	signature string
	expires   time.Duration // of a presigned one
}

// Error is why a signature is not accepted.
type Error struct{ Type, Message string }

func (e *Error) Error() string { return e.Type + ": " + e.Message }

var (
	errMissing = &Error{"MissingAuthenticationTokenException", "Missing Authentication Token"}
	errService = &Error{"InvalidSignatureException", "Credential should be scoped to correct service: 'execute-api'."}
	errKey     = &Error{"UnrecognizedClientException", "The security token included in the request is invalid."}
	errExpired = &Error{"InvalidSignatureException", "Signature expired or not yet valid."}
	errWrong   = &Error{"InvalidSignatureException", "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}
)

const (
	dateForm  = "20060102T150405Z"
	maxSkew   = 5 * time.Minute
	maxExpiry = 7 * 24 * time.Hour
)

// Find reads the signature for a service out of a request.
func Find(r *Request, service string) (*Signature, error) {
	s, scope := fromHeader(r)
	if s == nil {
		s, scope = fromQuery(r)
	}
	if s == nil {
		return nil, errMissing
	}
	parts := strings.Split(scope, "/")
	if len(parts) != 5 || parts[3] != service {
		return nil, errService
	}
	s.AccessKey, s.Region, s.Service = parts[0], parts[2], parts[3]
	return s, nil
}

// fromHeader reads "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…".
func fromHeader(r *Request) (*Signature, string) {
	kind, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.HasPrefix(kind, "AWS4-") {
		return nil, ""
	}
	s := &Signature{}
	scope := ""
	for part := range strings.SplitSeq(rest, ",") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
		case "Credential":
			scope = value
		case "SignedHeaders":
			s.signed = strings.Split(value, ";")
		case "Signature":
			s.signature = value
		}
	}
	s.Date = parseDate(r.Header.Get("X-Amz-Date"))
	return s, scope
}

func fromQuery(r *Request) (*Signature, string) {
	query, err := url.ParseQuery(r.Query)
	if err != nil || query.Get("X-Amz-Signature") == "" {
		return nil, ""
	}
	s := &Signature{Presigned: true, signature: query.Get("X-Amz-Signature"), Date: parseDate(query.Get("X-Amz-Date"))}
	s.signed = strings.Split(query.Get("X-Amz-SignedHeaders"), ";")
	s.expires, _ = time.ParseDuration(query.Get("X-Amz-Expires") + "s") // an invalid one is no time at all
	return s, query.Get("X-Amz-Credential")
}

// parseDate gives the zero time, which is long over, for what is no date.
func parseDate(text string) time.Time {
	at, _ := time.Parse(dateForm, text)
	return at
}

func (s *Signature) inTime(now time.Time) bool {
	if s.Presigned {
		return s.expires > 0 && s.expires <= maxExpiry && now.After(s.Date.Add(-maxSkew)) && now.Before(s.Date.Add(s.expires))
	}
	return now.Sub(s.Date).Abs() <= maxSkew
}

func (s *Signature) covers(header string) bool { return slices.Contains(s.signed, header) }
