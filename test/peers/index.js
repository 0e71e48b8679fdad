// The function of the small WebSocket API that is measured: authorizer, $connect
// and both routes. A client asks for its connection id, and has its frames echoed.
exports.handler = async (event) => {
  if (event.type === 'REQUEST') {
    return {
      principalId: 'ada',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: event.methodArn }],
      },
    };
  }
  const { routeKey, connectionId } = event.requestContext;
  if (routeKey === 'id') return { statusCode: 200, body: connectionId };
  if (routeKey === 'echo') return { statusCode: 200, body: event.body };
  return { statusCode: 200 };
};
