package dynamostore_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.uber.org/goleak"

	"bellhop/shared/inbox"
	"bellhop/shared/store/dynamostore"
	"bellhop/shared/store/dynamotest"
	"bellhop/shared/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(dynamotest.Main{M: m}) }

func TestStore(t *testing.T) {
	store := dynamostore.New(dynamodb.NewFromConfig(dynamotest.Config(t)), newTables(t))
	storetest.Run(t, func(*testing.T) storetest.Stores {
		return storetest.Stores{Inbox: store, Connections: store, Sessions: store, Schedule: store, Limits: store}
	})
}

// TestLog says what a log does over the store.
func TestLog(t *testing.T) {
	client, tables := dynamodb.NewFromConfig(dynamotest.Config(t)), newTables(t)
	storetest.RunLog(t, storetest.LogStore{Table: dynamostore.New(client, tables), LoseHead: func(ctx context.Context, user string) error {
		_, err := client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &tables.Inbox, Key: map[string]types.AttributeValue{
			"user": &types.AttributeValueMemberS{Value: user}, "key": &types.AttributeValueMemberS{Value: "HEAD"},
		}})
		return err
	}})
}

// newTables makes three tables of new names in the shared engine.
func newTables(t *testing.T) dynamostore.Tables {
	t.Helper()
	id := rand.Text()
	tables := dynamostore.Tables{Inbox: "inbox-" + id, Connections: "connections-" + id, Sessions: "sessions-" + id}
	create(t, dynamodb.NewFromConfig(dynamotest.Config(t)), tables)
	return tables
}

func create(t *testing.T, client *dynamodb.Client, tables dynamostore.Tables) {
	t.Helper()
	if err := dynamostore.CreateTables(t.Context(), client, tables); err != nil {
		t.Fatal(err)
	}
}

// faulty is a store whose requests may be made to fail, and are counted. Its
// client makes up to three tries, as the SDK does, with short pauses.
func faulty(t *testing.T) (*dynamostore.Store, *dynamotest.Faults) {
	t.Helper()
	cfg, faults := dynamotest.Config(t), dynamotest.NewFaults(nil)
	cfg.HTTPClient = faults
	cfg.Retryer = quickRetries
	return dynamostore.New(dynamodb.NewFromConfig(cfg), newTables(t)), faults
}

func quickRetries() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxBackoff = time.Millisecond
		o.Backoff = retry.NewExponentialJitterBackoff(time.Millisecond)
	})
}

func now() time.Time { return time.Date(2026, 11, 5, 6, 7, 8, 0, time.UTC) }

// begin makes the user's log.
func begin(t *testing.T, table inbox.Table, user string) inbox.Head {
	t.Helper()
	head := inbox.Head{Epoch: rand.Text(), At: now()}
	if err := table.Commit(t.Context(), user, inbox.Change{Head: head}); err != nil {
		t.Fatal(err)
	}
	return head
}

// moved is a change of the head alone, appended one that adds an item with its
// marker.

func moved(was inbox.Head) inbox.Change {
	head := was
	head.Offset++
	head.ReadThrough = was.Offset
	return inbox.Change{Was: was, Head: head}
}

func appended(was inbox.Head) inbox.Change {
	c := moved(was)
	c.Head.LastItem = c.Head.Offset
	item := inbox.Item{
		Offset: c.Head.Offset, Changed: c.Head.Offset, Unread: c.Head.Offset,
		Event: []byte(`{"source":"shop"}`), Expires: now(),
	}
	c.Items = []inbox.ItemWrite{{Item: item}}
	c.Markers = []inbox.MarkerWrite{{ID: rand.Text(), Marker: inbox.Marker{Offset: item.Offset, Expires: now()}}}
	return c
}

func headOf(t *testing.T, table inbox.Table, user string) inbox.Head {
	t.Helper()
	loaded, err := table.Load(context.Background(), user, inbox.Want{})
	if err != nil {
		t.Fatal(err)
	}
	return loaded.Head
}
