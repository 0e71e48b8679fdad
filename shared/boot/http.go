package boot

import (
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// httpClient keeps its connections where the SDK would lose them: smithy-go
// closes the request's body while net/http may still be in its last copy, and
// the io.EOF that the body's WriteTo then returns passes for a failed write,
// which closes the connection under the answer. Without a WriteTo it is read
// to its end.
type httpClient struct {
	client aws.HTTPClient
}

// buildableClient is the SDK's own client with time-outs that fit a function, and
// with as many idle connections to one host as a fan-out uses.
func buildableClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithTimeout(10 * time.Second).
		WithTransportOptions(func(t *http.Transport) { t.MaxIdleConnsPerHost = 64 })
}

// Do implements aws.HTTPClient.
func (c httpClient) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return c.client.Do(r)
}
