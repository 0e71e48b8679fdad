// Command send says to all in the room what one of them says.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	apitypes "github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type function struct {
	cfg aws.Config
	db  *dynamodb.Client
}

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(function{cfg, dynamodb.NewFromConfig(cfg)}.handle)
}

func (f function) handle(ctx context.Context, e events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
	var said struct{ Text string }
	if err := json.Unmarshal([]byte(e.Body), &said); err != nil {
		return events.APIGatewayProxyResponse{StatusCode: 400}, nil
	}
	data, err := json.Marshal(map[string]string{"from": e.RequestContext.ConnectionID, "text": said.Text})
	if err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	out, err := f.db.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(os.Getenv("TABLE")), KeyConditionExpression: aws.String("room = :room"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":room": &types.AttributeValueMemberS{Value: "lobby"}},
	})
	if err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	api := apigatewaymanagementapi.NewFromConfig(f.cfg, func(o *apigatewaymanagementapi.Options) {
		o.BaseEndpoint = aws.String("https://" + e.RequestContext.DomainName + "/" + e.RequestContext.Stage)
	})
	for _, item := range out.Items {
		if err := f.post(ctx, api, item, data); err != nil {
			return events.APIGatewayProxyResponse{}, err
		}
	}
	return events.APIGatewayProxyResponse{StatusCode: 200}, nil
}

func (f function) post(ctx context.Context, api *apigatewaymanagementapi.Client, item map[string]types.AttributeValue, data []byte) error {
	connection := item["connection"].(*types.AttributeValueMemberS).Value
	_, err := api.PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &connection, Data: data})
	if gone := (*apitypes.GoneException)(nil); !errors.As(err, &gone) {
		return err
	}
	_, err = f.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: aws.String(os.Getenv("TABLE")),
		Key:       map[string]types.AttributeValue{"room": item["room"], "connection": item["connection"]},
	})
	return err
}
