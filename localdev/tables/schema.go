package tables

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"bellhop/localdev/template"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// input is the request that makes the table.
func input(t template.Table) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName: aws.String(t.Name), BillingMode: types.BillingModePayPerRequest, KeySchema: keySchema(t.Key),
	}
	for _, name := range slices.Sorted(maps.Keys(t.Attributes)) {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: aws.String(name), AttributeType: types.ScalarAttributeType(t.Attributes[name]),
		})
	}
	for _, index := range t.LocalIndexes {
		in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes, types.LocalSecondaryIndex{
			IndexName: aws.String(index.Name), KeySchema: keySchema(index.Key), Projection: projection(index),
		})
	}
	for _, index := range t.GlobalIndexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(index.Name), KeySchema: keySchema(index.Key), Projection: projection(index),
		})
	}
	return in
}

func keySchema(k template.Key) []types.KeySchemaElement {
	schema := []types.KeySchemaElement{{AttributeName: aws.String(k.Hash), KeyType: types.KeyTypeHash}}
	if k.Range != "" {
		schema = append(schema, types.KeySchemaElement{AttributeName: aws.String(k.Range), KeyType: types.KeyTypeRange})
	}
	return schema
}

func projection(i template.Index) *types.Projection {
	return &types.Projection{ProjectionType: types.ProjectionType(i.Projection), NonKeyAttributes: i.NonKey}
}

// wanted is the description that a table made from the request would have.
func wanted(in *dynamodb.CreateTableInput) *types.TableDescription {
	d := &types.TableDescription{KeySchema: in.KeySchema, AttributeDefinitions: in.AttributeDefinitions}
	for _, i := range in.LocalSecondaryIndexes {
		d.LocalSecondaryIndexes = append(d.LocalSecondaryIndexes, types.LocalSecondaryIndexDescription{IndexName: i.IndexName, KeySchema: i.KeySchema})
	}
	for _, i := range in.GlobalSecondaryIndexes {
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, types.GlobalSecondaryIndexDescription{IndexName: i.IndexName, KeySchema: i.KeySchema})
	}
	return d
}

// describe says in a line what two tables must have in common: the keys with
// their types, and each index with its keys.
func describe(d *types.TableDescription) string {
	kinds := map[string]string{}
	for _, a := range d.AttributeDefinitions {
		kinds[aws.ToString(a.AttributeName)] = string(a.AttributeType)
	}
	parts := []string{"key " + describeKey(d.KeySchema, kinds)}
	for _, i := range d.LocalSecondaryIndexes {
		parts = append(parts, "local index "+aws.ToString(i.IndexName)+" "+describeKey(i.KeySchema, kinds))
	}
	for _, i := range d.GlobalSecondaryIndexes {
		parts = append(parts, "global index "+aws.ToString(i.IndexName)+" "+describeKey(i.KeySchema, kinds))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

func describeKey(schema []types.KeySchemaElement, kinds map[string]string) string {
	parts := make([]string, len(schema))
	for i, k := range schema {
		name := aws.ToString(k.AttributeName)
		parts[i] = fmt.Sprintf("%s %s %s", k.KeyType, name, kinds[name])
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
