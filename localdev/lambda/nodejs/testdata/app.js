// CommonJS handlers for the tests.
'use strict';
exports.promise = async (event) => ({ got: event });
exports.context = async (event, context) => ({
  id: context.awsRequestId, name: context.functionName, version: context.functionVersion, memory: context.memoryLimitInMB,
  arn: context.invokedFunctionArn, group: context.logGroupName, waits: context.callbackWaitsForEmptyEventLoop,
  left: context.getRemainingTimeInMillis(), client: context.clientContext, trace: process.env._X_AMZN_TRACE_ID !== '',
});
exports.callback = (event, context, callback) => callback(null, { got: event });
exports.callbackError = (event, context, callback) => callback(new TypeError('no luck'));
exports.callbackText = (event, context, callback) => callback('no luck');
exports.succeed = (event, context) => context.succeed('done');
// The answer comes before the timer: it waits for it.
let late = 0;
exports.waits = (event, context, callback) => {
  late = 0;
  setTimeout(() => { late = 1; }, 50);
  callback(null, { get late() { return late; } });
};
exports.waitsNot = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false;
  late = 0;
  setTimeout(() => { late = 1; }, 50);
  callback(null, { get late() { return late; } });
};
exports.nothing = async () => {};
exports.plain = () => 'what a plain function returns does not count';
exports.throws = () => { throw new RangeError('out of range'); };
exports.rejects = async () => { throw Object.assign(new Error('gone'), { name: 'GoneException' }); };
exports.rejectsText = async () => { throw 'text'; }; // eslint-disable-line no-throw-literal
exports.unhandled = () => { Promise.reject(new Error('forgotten')); setTimeout(() => {}, 60_000); };
exports.afterwards = async () => { setTimeout(() => { throw new Error('thrown afterwards'); }, 50); };
exports.uncaught = () => { setTimeout(() => { throw new Error('thrown later'); }, 1); };
exports.circular = async () => { const a = {}; a.a = a; return a; };
exports.prints = async () => { console.log('two\nlines', { a: 1 }); console.error('bad'); return 'printed'; };
exports.nested = { handler: async () => 'nested' };
exports.value = 7;
exports.sdk = async () => typeof require('@aws-sdk/client-dynamodb').DynamoDBClient;
