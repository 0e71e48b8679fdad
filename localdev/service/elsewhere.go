package service

import (
	"context"

	"bellhop/localdev/lambda"
	"bellhop/localdev/lambda/remote"
	"bellhop/localdev/template"
)

// remoteFunctions makes the functions of an Invoke endpoint, each by its logical
// id. Their tables and settings are the endpoint's affair; where a DynamoDB
// endpoint is named, the template's tables are made in it.
func remoteFunctions(stack *template.Stack, o Options) ([]lambda.Function, *remote.Endpoint, error) {
	if o.DynamoDB != "" {
		ctx, cancel := context.WithTimeout(context.Background(), prepareWithin)
		defer cancel()
		if err := createTables(ctx, stack, o.DynamoDB); err != nil {
			return nil, nil, err
		}
	}
	endpoint := remote.NewEndpoint(o.LambdaEndpoint, stack.Region)
	list := make([]lambda.Function, len(stack.Functions))
	for i, f := range stack.Functions {
		list[i] = lambda.Function{LogicalID: f.LogicalID, Spec: specOf(f), Runner: endpoint.Runner(f.LogicalID)}
	}
	return list, endpoint, nil
}
