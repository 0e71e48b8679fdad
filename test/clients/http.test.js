// The HTTP API answers the calls in README.md as it shows.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Device } from './device.js';
import { answers, assertShown, example, examples } from './readme.js';
import { folder, shell } from './run.js';
import { startService } from './service.js';

const HEADING = 'The HTTP API';

test('list, mark, take a ticket, ask for health', { timeout: 300_000 }, async (t) => {
  const service = await startService(t);
  await service.invoke('bellhop-publish', published(service.address));
  const device = await Device.connect(service, await service.signIn('ada'));

  const [, ...outputs] = await shell(await folder(t), ...examples(HEADING, 'sh', service.address));
  const got = outputs.map((text) => JSON.parse(text));

  const shown = answers(HEADING);
  assert.equal(got.length, shown.length, 'every call has its answer below it');
  got.forEach((answer, i) => assertShown(answer, shown[i]));
  await assertTold(device);
  await assertTicketIsWorthOneHandshake(service, got[2].ticket);
});

/** The request of the example for the AWS CLI, which it has in a file. */
function published(address) {
  const [, request] = example('AWS CLI', 'sh', address).match(/<<'EOF'\n(.*)\nEOF/s);
  return JSON.parse(request);
}

async function assertTold(device) {
  const frames = await device.framesSoFar();
  assert.deepEqual(frames.map(({ type, state, items }) => ({ type, state, items })), [{ type: 'state', state: 'read', items: [1] }]);
}

async function assertTicketIsWorthOneHandshake(service, ticket) {
  const query = `?ticket=${ticket}`;
  const device = await Device.open(service, { query });
  assert.equal(device.welcome.user, 'ada');
  await assert.rejects(Device.open(service, { query }), /Unexpected server response: 403/);
}
