package tables

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellhop/localdev/sdk"
	"bellhop/localdev/template"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	usableWithin = 30 * time.Second
	minDelay     = 50 * time.Millisecond
	maxDelay     = time.Second

	// callWithin bounds one call, answer included.
	callWithin = 10 * time.Second
)

// ErrDiffers says that a table of this name exists, with another schema.
var ErrDiffers = errors.New("the table exists with other keys or indexes")

// Client makes a client for a local engine, with made-up credentials. Release ends
// its idle connections.
func Client(endpoint, region string) (client *dynamodb.Client, release func()) {
	c := sdk.NewClient(callWithin)
	return dynamodb.New(dynamodb.Options{
		Region: region, BaseEndpoint: aws.String(endpoint), HTTPClient: c, Credentials: sdk.Credentials(),
	}), c.CloseIdleConnections
}

// Create makes the tables that are not there, and returns the names of those it
// made. It looks at every table; the errors of all are told together.
func Create(ctx context.Context, client *dynamodb.Client, all []template.Table) ([]string, error) {
	var made []string
	var errs []error
	for _, t := range all {
		isNew, err := create(ctx, client, t)
		if err != nil {
			errs = append(errs, fmt.Errorf("table %s: %w", t.Name, err))
		} else if isNew {
			made = append(made, t.Name)
		}
	}
	return made, errors.Join(errs...)
}

func create(ctx context.Context, client *dynamodb.Client, t template.Table) (bool, error) {
	in := input(t)
	_, err := client.CreateTable(ctx, in)
	var exists *types.ResourceInUseException
	if errors.As(err, &exists) {
		return false, compare(ctx, client, in)
	}
	if err == nil {
		err = await(ctx, client, t.Name)
	}
	if err == nil && t.TTLAttribute != "" {
		_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
			TableName:               &t.Name,
			TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &t.TTLAttribute, Enabled: aws.Bool(true)},
		})
	}
	return err == nil, err
}

func await(ctx context.Context, client *dynamodb.Client, name string) error {
	waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = minDelay, maxDelay
	})
	return waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, usableWithin)
}

// compare finds a table of an older template under the same name.
func compare(ctx context.Context, client *dynamodb.Client, want *dynamodb.CreateTableInput) error {
	out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: want.TableName})
	if err != nil {
		return err
	}
	if has, wants := describe(out.Table), describe(wanted(want)); has != wants {
		return fmt.Errorf("%w: it has %s, the template says %s; delete it, or give it another name", ErrDiffers, has, wants)
	}
	return nil
}
