import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';

const table = DynamoDBDocumentClient.from(new DynamoDBClient());

// An ES module, async.
export const handler = async ({ requestContext: { connectionId, eventType } }) => {
  const Key = { room: 'lobby', connection: connectionId };
  if (eventType === 'CONNECT') {
    const expires = Math.floor(Date.now() / 1000) + 7200;
    await table.send(new PutCommand({ TableName: process.env.TABLE, Item: { ...Key, expires } }));
  } else {
    await table.send(new DeleteCommand({ TableName: process.env.TABLE, Key }));
  }
  return { statusCode: 200 };
};
