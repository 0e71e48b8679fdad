package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A table of a local engine is ready at once, one on AWS within half a minute.
const (
	tableTimeout  = 2 * time.Minute
	tableMinDelay = 100 * time.Millisecond
	tableMaxDelay = 2 * time.Second
)

// CreateTables makes the three tables as template.yaml has them and returns
// when they can be used. It is for tests and local engines: a stack makes its
// own tables, with backups and encryption. A table that exists is left as it is.
func CreateTables(ctx context.Context, client *dynamodb.Client, tables Tables) error {
	for _, in := range []*dynamodb.CreateTableInput{
		inboxTable(tables.Inbox), connectionsTable(tables.Connections), sessionsTable(tables.Sessions),
	} {
		if err := createTable(ctx, client, in); err != nil {
			return fmt.Errorf("create table %s: %w", aws.ToString(in.TableName), err)
		}
	}
	return nil
}

func createTable(ctx context.Context, client *dynamodb.Client, in *dynamodb.CreateTableInput) error {
	_, err := client.CreateTable(ctx, in)
	var exists *types.ResourceInUseException
	if errors.As(err, &exists) {
		return await(ctx, client, in.TableName)
	}
	if err == nil {
		err = await(ctx, client, in.TableName)
	}
	if err != nil {
		return err
	}
	_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               in.TableName,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("expires"), Enabled: aws.Bool(true)},
	})
	return err
}

func await(ctx context.Context, client *dynamodb.Client, name *string) error {
	waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = tableMinDelay, tableMaxDelay
	})
	return waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: name}, tableTimeout)
}

func inboxTable(name string) *dynamodb.CreateTableInput {
	return &dynamodb.CreateTableInput{
		TableName:            &name,
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: append(define(types.ScalarAttributeTypeS, "user", "key"), define(types.ScalarAttributeTypeN, "changed", "unread")...),
		KeySchema:            keySchema("user", "key"),
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{
			{
				IndexName: aws.String(byChange), KeySchema: keySchema("user", "changed"),
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
			},
			{
				IndexName: aws.String(byUnread), KeySchema: keySchema("user", "unread"),
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"expires"}},
			},
		},
	}
}

func connectionsTable(name string) *dynamodb.CreateTableInput {
	return &dynamodb.CreateTableInput{
		TableName:            &name,
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: append(define(types.ScalarAttributeTypeS, "user", "connection", "due"), define(types.ScalarAttributeTypeN, "ends")...),
		KeySchema:            keySchema("user", "connection"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String(byEnd), KeySchema: keySchema("due", "ends"),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	}
}

func sessionsTable(name string) *dynamodb.CreateTableInput {
	return &dynamodb.CreateTableInput{
		TableName:            &name,
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: define(types.ScalarAttributeTypeS, "id", "user"),
		KeySchema:            keySchema("id"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String(byUser), KeySchema: keySchema("user", "id"),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}},
	}
}

func define(kind types.ScalarAttributeType, names ...string) []types.AttributeDefinition {
	defined := make([]types.AttributeDefinition, len(names))
	for i := range names {
		defined[i] = types.AttributeDefinition{AttributeName: &names[i], AttributeType: kind}
	}
	return defined
}

// keySchema is a partition key, and a sort key if there is a second name.
func keySchema(names ...string) []types.KeySchemaElement {
	kinds := []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}
	schema := make([]types.KeySchemaElement, len(names))
	for i := range names {
		schema[i] = types.KeySchemaElement{AttributeName: &names[i], KeyType: kinds[i]}
	}
	return schema
}
