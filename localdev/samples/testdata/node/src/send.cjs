'use strict';
const { ApiGatewayManagementApiClient, GoneException, PostToConnectionCommand } = require('@aws-sdk/client-apigatewaymanagementapi');
const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');
const { DeleteCommand, DynamoDBDocumentClient, QueryCommand } = require('@aws-sdk/lib-dynamodb');

const TableName = process.env.TABLE;
const table = DynamoDBDocumentClient.from(new DynamoDBClient());

// A CommonJS module with a callback.
exports.handler = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false;
  send(event).then(() => callback(null, { statusCode: 200 }), callback);
};

async function send({ body, requestContext: { connectionId, domainName, stage } }) {
  const api = new ApiGatewayManagementApiClient({ endpoint: `https://${domainName}/${stage}` });
  const Data = JSON.stringify({ from: connectionId, text: JSON.parse(body).text });
  const { Items } = await table.send(new QueryCommand({
    TableName, KeyConditionExpression: 'room = :room', ExpressionAttributeValues: { ':room': 'lobby' },
  }));
  await Promise.all(Items.map(async ({ room, connection }) => {
    try {
      await api.send(new PostToConnectionCommand({ ConnectionId: connection, Data }));
    } catch (error) {
      if (!(error instanceof GoneException)) throw error;
      await table.send(new DeleteCommand({ TableName, Key: { room, connection } }));
    }
  }));
}
