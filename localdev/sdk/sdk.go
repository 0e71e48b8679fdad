// Package sdk makes what AWS SDK clients need to talk to local endpoints: an HTTP
// client that loses no answers, and made-up credentials.
//
// The SDK closes a request's body while net/http may still be in its last copy,
// takes the io.EOF of the body's WriteTo for a failed write, and closes the
// connection under the answer. Client hides WriteTo, so that this cannot happen.
// It is safe for concurrent use.
package sdk

import (
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// MadeUp is what functions and clients sign with: local engines look at no
// signature.
const MadeUp = "local"

// Client is an aws.HTTPClient. Close its idle connections at the end.
type Client struct{ http.Client }

// NewClient makes a Client whose calls take at most limit, answer included; 0 is
// no limit. It goes through no proxy.
func NewClient(limit time.Duration) *Client {
	return &Client{http.Client{Timeout: limit, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

// Do implements aws.HTTPClient.
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return c.Client.Do(r)
}

// Credentials are made up.
func Credentials() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(MadeUp, MadeUp, "")
}
