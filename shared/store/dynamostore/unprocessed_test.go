package dynamostore_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"bellhop/shared/inbox"
	"bellhop/shared/store/dynamostore"
	"bellhop/shared/store/dynamotest"
)

// partial is an HTTP client that lets only some keys of a BatchGetItem through
// and answers that the others are unprocessed, as DynamoDB may.
type partial struct {
	next  aws.HTTPClient
	keys  int // let through in each call
	calls int
}

// batch is a part of the requests and answers of BatchGetItem.
type batch struct {
	Keys           []json.RawMessage
	ConsistentRead bool
}

func (p *partial) Do(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".BatchGetItem") {
		return p.next.Do(r)
	}
	p.calls++
	var asked struct{ RequestItems map[string]batch }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		return nil, err
	}
	rest := map[string]batch{}
	for table, b := range asked.RequestItems {
		n := min(p.keys, len(b.Keys))
		asked.RequestItems[table] = batch{b.Keys[:n], b.ConsistentRead}
		if n < len(b.Keys) {
			rest[table] = batch{b.Keys[n:], b.ConsistentRead}
		}
	}
	if p.keys == 0 {
		return answer(map[string]any{"Responses": map[string]any{}, "UnprocessedKeys": rest})
	}
	body, err := json.Marshal(asked)
	if err != nil {
		return nil, err
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return p.forward(r, rest)
}

func (p *partial) forward(r *http.Request, rest map[string]batch) (*http.Response, error) {
	response, err := p.next.Do(r)
	if err != nil {
		return nil, err
	}
	var got map[string]any
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
		return nil, err
	}
	got["UnprocessedKeys"] = rest
	if err := response.Body.Close(); err != nil {
		return nil, err
	}
	return answer(got)
}

func answer(v any) (*http.Response, error) {
	body, err := json.Marshal(v)
	header := http.Header{"Content-Type": {"application/x-amz-json-1.0"}}
	return &http.Response{StatusCode: 200, Header: header, Body: io.NopCloser(bytes.NewReader(body))}, err
}

func overPartial(t *testing.T, keys int) (*dynamostore.Store, *partial) {
	t.Helper()
	p := &partial{next: dynamotest.Client(), keys: keys}
	cfg := dynamotest.Config(t)
	cfg.HTTPClient = p
	return dynamostore.New(dynamodb.NewFromConfig(cfg), newTables(t)), p
}

func TestUnprocessedKeysAreAskedForAgain(t *testing.T) {
	store, p := overPartial(t, 2)
	c := appended(begin(t, store, "ann"))
	if err := store.Commit(t.Context(), "ann", c); err != nil {
		t.Fatal(err)
	}
	want := inbox.Want{Items: []int64{7, 8, 9, 1}, Markers: []string{c.Markers[0].ID}}
	got, err := store.Load(t.Context(), "ann", want)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Items) != 1 || len(got.Markers) != 1 || got.Head != c.Head {
		t.Errorf("got %+v, want the head, item 1 and its marker", got)
	}
	if p.calls != 3 {
		t.Errorf("got %d requests for 6 keys, 2 at a time, want 3", p.calls)
	}
}

func TestKeysThatStayUnprocessed(t *testing.T) {
	store, p := overPartial(t, 0)
	_, err := store.Load(t.Context(), "ann", inbox.Want{Items: []int64{1}})
	if err == nil || !strings.Contains(err.Error(), "unprocessed") {
		t.Errorf("got error %v, want that keys stay unprocessed", err)
	}
	if p.calls != 8 {
		t.Errorf("got %d requests, want 8", p.calls)
	}
}
