// Runs one function under the Lambda Runtime API, as Lambda's Node.js runtimes do:
// loads the handler, then takes one invocation after the other until it is killed.
import './packages.mjs';
import { Api } from './api.mjs';
import { documentOf } from './errors.mjs';
import { invoke } from './invoke.mjs';
import { load } from './load.mjs';
import { tagLines } from './log.mjs';

const api = new Api(process.env.AWS_LAMBDA_RUNTIME_API);
let loaded = false; // the handler is
let current = null; // the invocation under way

tagLines(() => current?.id);
process.on('uncaughtException', (error) => die(error, 129));
process.on('unhandledRejection', (reason) => {
  const error = Object.assign(new Error(String(reason)), { reason, name: 'Runtime.UnhandledPromiseRejection' });
  if (reason instanceof Error) error.stack = reason.stack;
  die(error, 128);
});

// die reports why the process cannot go on, and ends it. Between two invocations
// there is nobody to report it to.
async function die(error, status) {
  try {
    if (current) await fail(current, error);
    else if (loaded) console.error('Uncaught Exception', JSON.stringify(documentOf(error)));
    else await api.initFailed(documentOf(error));
  } finally {
    process.exit(status);
  }
}

async function fail(invocation, error) {
  const document = documentOf(error);
  console.error('Invoke Error', JSON.stringify({ ...document, stack: document.trace }));
  await api.fail(invocation.id, document);
}

async function run() {
  const handler = await load(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
  loaded = true;
  for (;;) {
    const next = await api.next();
    process.env._X_AMZN_TRACE_ID = next.trace;
    current = next;
    try {
      await api.respond(current.id, await invoke(handler, current));
    } catch (error) {
      await fail(current, error);
    }
    current = null;
  }
}

run().catch((error) => die(error, 1));
