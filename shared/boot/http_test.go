package boot

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TestClientKeepsItsConnections fails when the SDK loses connections under
// answers that are still being read.
func TestClientKeepsItsConnections(t *testing.T) {
	const workers, calls = 4, 500
	var accepted atomic.Int64
	answer := bytes.Repeat([]byte(" "), 8<<10)
	copy(answer, `{"Items":[],"Count":0,"ScannedCount":0}`)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write(answer)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			accepted.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	db := dynamodb.New(dynamodb.Options{
		HTTPClient: httpClient{buildableClient()}, BaseEndpoint: &server.URL, Region: "eu-west-1",
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), Retryer: aws.NopRetryer{},
	})
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range calls {
				_, err := db.Query(context.Background(), &dynamodb.QueryInput{
					TableName: aws.String("t"), KeyConditionExpression: aws.String("#u = :u"),
					ExpressionAttributeNames:  map[string]string{"#u": "user"},
					ExpressionAttributeValues: map[string]types.AttributeValue{":u": &types.AttributeValueMemberS{Value: "ada"}},
				})
				if err != nil {
					t.Errorf("query: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	// net/http may dial once more for a worker while a connection becomes free.
	if got := accepted.Load(); got > 2*workers {
		t.Errorf("%d calls opened %d connections, want one or two for each of the %d workers", workers*calls, got, workers)
	}
}
