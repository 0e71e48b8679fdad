// Calls a handler of either kind: one that returns a promise, or one that calls
// back. What a handler returns that is no promise does not count, as on Lambda.

// invoke gives the answer as JSON; it throws what the handler threw or reported.
export async function invoke(handler, invocation) {
  const result = await outcome(handler, invocation);
  const json = JSON.stringify(result === undefined ? null : result);
  if (json === undefined) throw new Error('Unable to stringify response body');
  return json;
}

function outcome(handler, invocation) {
  return new Promise((resolve, reject) => {
    const idle = whenIdle();
    let settled = false;
    const context = contextOf(invocation);
    // end settles once. An answer by callback waits for the event loop to be
    // empty, unless the function has said that it need not.
    const end = (settle, value, wait) => {
      if (settled) return;
      settled = true;
      if (wait && context.callbackWaitsForEmptyEventLoop) idle.add(() => settle(value));
      else idle.cancel(() => settle(value));
    };
    const callback = (error, value) => end(error ? reject : resolve, error ?? value, true);
    context.succeed = (value) => end(resolve, value, false);
    context.fail = (error) => end(reject, error ?? 'handled', false);
    context.done = (error, value) => (error ? context.fail(error) : context.succeed(value));
    idle.add(() => end(resolve, null, false)); // it neither returned a promise nor called back
    const returned = handler(invocation.event, context, callback);
    if (typeof returned?.then === 'function') {
      returned.then((value) => end(resolve, value, false), (error) => end(reject, error, false));
    }
  });
}

// whenIdle runs functions once when nothing is left in the event loop.
function whenIdle() {
  const waiting = [];
  const run = () => waiting.splice(0).forEach((f) => f());
  process.once('beforeExit', run);
  return {
    add: (f) => waiting.push(f),
    cancel: (f) => {
      process.off('beforeExit', run);
      f();
    },
  };
}

function contextOf({ id, deadline, arn, clientContext }) {
  const env = process.env;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: id,
    invokedFunctionArn: arn,
    clientContext,
    identity: undefined,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}
