// Command connections keeps who is in the room.
package main

import (
	"context"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type function struct{ db *dynamodb.Client }

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(function{dynamodb.NewFromConfig(cfg)}.handle)
}

func (f function) handle(ctx context.Context, e events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
	key := map[string]types.AttributeValue{
		"room":       &types.AttributeValueMemberS{Value: "lobby"},
		"connection": &types.AttributeValueMemberS{Value: e.RequestContext.ConnectionID},
	}
	table := aws.String(os.Getenv("TABLE"))
	ok := events.APIGatewayProxyResponse{StatusCode: 200}
	if e.RequestContext.EventType == "DISCONNECT" {
		_, err := f.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key})
		return ok, err
	}
	key["expires"] = &types.AttributeValueMemberN{Value: strconv.FormatInt(time.Now().Add(2*time.Hour).Unix(), 10)}
	_, err := f.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: key})
	return ok, err
}
