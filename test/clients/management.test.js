// The tools that people hold against API Gateway take the local gateway for it:
// wscat as a client, and as backends the AWS SDKs of JavaScript and Python and
// the AWS CLI, with signatures that are verified.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

import {
  ApiGatewayManagementApiClient, DeleteConnectionCommand, GetConnectionCommand, GoneException, PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';

import { folder, shell } from './run.js';
import { startService } from './service.js';

const PRINTED_WITHIN = 10_000; // ms

/** wscat, connected: it has sent a frame and prints what it gets. */
class Wscat {
  #lines;

  constructor(t, url, frame) {
    const bin = join(import.meta.dirname, 'node_modules/.bin/wscat');
    const child = spawn(bin, ['--connect', url, '--execute', frame, '--wait', '60', '--no-color'], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => child.kill());
    this.exited = once(child, 'close');
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** The next line that is not empty, without the terminal's control sequences and marks. */
  async next() {
    const late = AbortSignal.timeout(PRINTED_WITHIN);
    for (;;) {
      const { value } = await Promise.race([this.#lines.next(), once(late, 'abort').then(() => assert.fail('wscat printed nothing'))]);
      assert.notEqual(value, undefined, 'wscat has ended');
      const text = value.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/^[<>\s]+/, '').trim();
      if (text) return text;
    }
  }
}

test('wscat, and whoever pushes to it', { timeout: 300_000 }, async (t) => {
  const template = join(import.meta.dirname, 'testdata/whoami.yaml');
  const service = await startService(t, '--template', template, '--gateway-option', 'signatures=verified');
  const wscat = new Wscat(t, `ws://${service.address}/live`, '{"type":"who"}');
  const ConnectionId = await wscat.next();
  assert.match(ConnectionId, /^[\w-]{15}=$/);

  const endpoint = `http://${service.address}/live`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const sdk = new ApiGatewayManagementApiClient({ endpoint, credentials, region: 'eu-west-1' });
  await sdk.send(new PostToConnectionCommand({ ConnectionId, Data: 'from JavaScript' }));
  assert.equal(await wscat.next(), 'from JavaScript');
  const { Identity, ConnectedAt } = await sdk.send(new GetConnectionCommand({ ConnectionId }));
  assert.equal(Identity.SourceIp, '127.0.0.1');
  assert.ok(ConnectedAt instanceof Date);

  const exports = `export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=eu-west-1 ID='${ConnectionId}' ENDPOINT=${endpoint}`;
  const cwd = await folder(t);
  await writeFile(join(cwd, 'push.py'), `
import os, boto3
api = boto3.client("apigatewaymanagementapi", endpoint_url=os.environ["ENDPOINT"])
api.post_to_connection(ConnectionId=os.environ["ID"], Data=b"from Python")
try:
    api.get_connection(ConnectionId="AAAAAAAAAAAAAAA=")
except api.exceptions.GoneException:
    print("gone")
`);
  assert.match((await shell(cwd, exports, 'python push.py'))[1], /^gone/);
  assert.equal(await wscat.next(), 'from Python');
  await writeFile(join(cwd, 'frame.txt'), 'from the CLI');
  await shell(cwd, exports, 'aws apigatewaymanagementapi post-to-connection --endpoint-url "$ENDPOINT" --connection-id "$ID" --data fileb://frame.txt');
  assert.equal(await wscat.next(), 'from the CLI');

  const stranger = new ApiGatewayManagementApiClient({ endpoint, credentials: { ...credentials, secretAccessKey: 'guessed' }, region: 'eu-west-1' });
  await assert.rejects(stranger.send(new PostToConnectionCommand({ ConnectionId, Data: 'x' })), /signature we calculated does not match/);

  await sdk.send(new DeleteConnectionCommand({ ConnectionId }));
  await wscat.exited; // it says why on a terminal alone
  await assert.rejects(sdk.send(new PostToConnectionCommand({ ConnectionId, Data: 'x' })), GoneException);
});
