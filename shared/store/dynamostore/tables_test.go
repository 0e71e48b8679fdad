package dynamostore_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"bellhop/localdev/template"
	"bellhop/shared/store/dynamotest"
)

// schema is what template.yaml and CreateTables must agree on.
type schema struct {
	Attributes    map[string]string
	Key           template.Key
	LocalIndexes  []template.Index
	GlobalIndexes []template.Index
	TTL, Billing  string
}

func TestTablesAreThoseOfTheTemplate(t *testing.T) {
	stack, err := template.Load("../../../template.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	made := newTables(t)
	names := map[string]string{"InboxTable": made.Inbox, "ConnectionsTable": made.Connections, "SessionsTable": made.Sessions}
	client := dynamodb.NewFromConfig(dynamotest.Config(t))
	if len(stack.Tables) != len(names) {
		t.Errorf("tables of the template: got %d, want %d", len(stack.Tables), len(names))
	}
	for _, table := range stack.Tables {
		want := schema{table.Attributes, table.Key, table.LocalIndexes, table.GlobalIndexes, table.TTLAttribute, table.BillingMode}
		if diff := cmp.Diff(want, schemaOf(t, client, names[table.LogicalID])); diff != "" {
			t.Errorf("%s: -template +made\n%s", table.LogicalID, diff)
		}
	}
	create(t, client, made) // again: what exists stays
}

func schemaOf(t *testing.T, client *dynamodb.Client, name string) schema {
	t.Helper()
	table, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	ttl, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	s := schema{Attributes: map[string]string{}, Key: keyOf(table.Table.KeySchema), TTL: aws.ToString(ttl.TimeToLiveDescription.AttributeName)}
	if b := table.Table.BillingModeSummary; b != nil {
		s.Billing = string(b.BillingMode)
	}
	for _, a := range table.Table.AttributeDefinitions {
		s.Attributes[*a.AttributeName] = string(a.AttributeType)
	}
	for _, i := range table.Table.LocalSecondaryIndexes {
		s.LocalIndexes = append(s.LocalIndexes, indexOf(*i.IndexName, i.KeySchema, i.Projection))
	}
	for _, i := range table.Table.GlobalSecondaryIndexes {
		s.GlobalIndexes = append(s.GlobalIndexes, indexOf(*i.IndexName, i.KeySchema, i.Projection))
	}
	return s
}

func indexOf(name string, key []types.KeySchemaElement, p *types.Projection) template.Index {
	return template.Index{Name: name, Key: keyOf(key), Projection: string(p.ProjectionType), NonKey: p.NonKeyAttributes}
}

func keyOf(elements []types.KeySchemaElement) template.Key {
	var k template.Key
	for _, e := range elements {
		if e.KeyType == types.KeyTypeHash {
			k.Hash = *e.AttributeName
		} else {
			k.Range = *e.AttributeName
		}
	}
	return k
}
