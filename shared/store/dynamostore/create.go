package dynamostore

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// CreateTables makes the tables that template.yaml declares, as far as reading
// and writing go, in an engine on this machine. Those that exist stay.
func CreateTables(ctx context.Context, client *dynamodb.Client, t Tables) error {
	for _, in := range []*dynamodb.CreateTableInput{inboxTable(t.Inbox), connectionsTable(t.Connections), sessionsTable(t.Sessions)} {
		in.BillingMode = types.BillingModePayPerRequest
		_, err := client.CreateTable(ctx, in)
		var exists *types.ResourceInUseException
		if err != nil && !errors.As(err, &exists) {
			return fmt.Errorf("create table %s: %w", *in.TableName, err)
		}
	}
	return nil
}

func inboxTable(name string) *dynamodb.CreateTableInput {
	return &dynamodb.CreateTableInput{
		TableName:            &name,
		AttributeDefinitions: attributes("user S", "key S", "changed N", "unread N"),
		KeySchema:            keys("user", "key"),
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{
			{IndexName: aws.String(indexByChange), KeySchema: keys("user", "changed"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}},
			{IndexName: aws.String(indexByUnread), KeySchema: keys("user", "unread"), Projection: &types.Projection{
				ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"expires"},
			}},
		},
	}
}

func connectionsTable(name string) *dynamodb.CreateTableInput {
	return &dynamodb.CreateTableInput{
		TableName: &name, AttributeDefinitions: attributes("user S", "connection S"), KeySchema: keys("user", "connection"),
	}
}

func sessionsTable(name string) *dynamodb.CreateTableInput {
	return &dynamodb.CreateTableInput{
		TableName: &name, AttributeDefinitions: attributes("id S", "user S"), KeySchema: keys("id"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: aws.String(indexByUser), KeySchema: keys("user", "id"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}},
		},
	}
}

// attributes reads definitions such as "user S".
func attributes(definitions ...string) []types.AttributeDefinition {
	list := make([]types.AttributeDefinition, len(definitions))
	for i, d := range definitions {
		n := len(d)
		list[i] = types.AttributeDefinition{AttributeName: aws.String(d[:n-2]), AttributeType: types.ScalarAttributeType(d[n-1:])}
	}
	return list
}

func keys(hash string, ranges ...string) []types.KeySchemaElement {
	list := []types.KeySchemaElement{{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash}}
	for _, r := range ranges {
		list = append(list, types.KeySchemaElement{AttributeName: aws.String(r), KeyType: types.KeyTypeRange})
	}
	return list
}
