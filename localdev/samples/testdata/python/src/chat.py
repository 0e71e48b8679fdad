"""A chat of one room, by boto3."""

import json
import os
import time

import boto3
from boto3.dynamodb.conditions import Key

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def connections(event, context):
    key = {"room": "lobby", "connection": event["requestContext"]["connectionId"]}
    if event["requestContext"]["eventType"] == "CONNECT":
        table.put_item(Item={**key, "expires": int(time.time()) + 7200})
    else:
        table.delete_item(Key=key)
    return {"statusCode": 200}


def send(event, context):
    request = event["requestContext"]
    host = f"{request['apiId']}.execute-api.{os.environ['AWS_REGION']}.amazonaws.com"
    api = boto3.client("apigatewaymanagementapi", endpoint_url=f"https://{host}/{request['stage']}")
    data = json.dumps({"from": request["connectionId"], "text": json.loads(event["body"])["text"]})
    for item in table.query(KeyConditionExpression=Key("room").eq("lobby"))["Items"]:
        try:
            api.post_to_connection(ConnectionId=item["connection"], Data=data.encode())
        except api.exceptions.GoneException:
            table.delete_item(Key={"room": item["room"], "connection": item["connection"]})
    return {"statusCode": 200}
