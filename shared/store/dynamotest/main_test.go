package dynamotest

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.uber.org/goleak"
)

// childVariable makes this binary a test process that dies with an engine.
const childVariable = "DYNAMOTEST_CHILD"

func TestMain(m *testing.M) {
	if how := os.Getenv(childVariable); how != "" {
		dieWithEngine(how)
	}
	goleak.VerifyTestMain(Main{M: m})
}

// dieWithEngine starts an engine, says where, and ends this process without
// ending the engine.
func dieWithEngine(how string) {
	s, err := startServer(serverOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(s.address())
	switch how {
	case "panic":
		panic("as a test may")
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	default:
		os.Exit(0)
	}
}

// table is a table of the test's own and a client for it.
type table struct {
	t    testing.TB
	db   *dynamodb.Client
	name string
}

// newTable makes a table with the string key "id". The SDK tries once only.
func newTable(t testing.TB, cfg aws.Config) table {
	t.Helper()
	db := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
	name := fmt.Sprintf("%s-%d", "T", time.Now().UnixNano())
	_, err := db.CreateTable(context.Background(), &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		t.Fatalf("create table: %v", err)
	}
	return table{t, db, name}
}

func item(id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}}
}

func (tb table) put(id string) error {
	_, err := tb.db.PutItem(context.Background(), &dynamodb.PutItemInput{
		TableName: &tb.name, Item: item(id), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	return err
}

// transact puts every id in one transaction.
func (tb table) transact(ids ...string) error {
	in := &dynamodb.TransactWriteItemsInput{ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
	for _, id := range ids {
		in.TransactItems = append(in.TransactItems,
			types.TransactWriteItem{Put: &types.Put{TableName: &tb.name, Item: item(id)}})
	}
	_, err := tb.db.TransactWriteItems(context.Background(), in)
	return err
}

func (tb table) has(id string) bool {
	tb.t.Helper()
	out, err := tb.get(id)
	if err != nil {
		tb.t.Fatalf("get %s: %v", id, err)
	}
	return len(out.Item) > 0
}

func (tb table) get(id string) (*dynamodb.GetItemOutput, error) {
	return tb.db.GetItem(context.Background(), &dynamodb.GetItemInput{
		TableName: &tb.name, Key: item(id), ConsistentRead: aws.Bool(true),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
}
