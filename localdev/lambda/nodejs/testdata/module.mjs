// ES module handlers for the tests.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export const handler = async (event) => ({ got: event, sdk: typeof DynamoDBClient });
