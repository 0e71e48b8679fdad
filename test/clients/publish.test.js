// A backend in each language publishes as README.md shows, and the user's
// device gets exactly that.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Device } from './device.js';
import { answers, assertShown, example } from './readme.js';
import { folder, runners, shellJSON } from './run.js';
import { startService } from './service.js';

const PATIENCE = { timeout: 300_000 }; // ms; Go compiles the service and an SDK the first time

const EVENT = {
  specversion: '1.0',
  id: 'order-1042-shipped',
  source: 'shop',
  type: 'order.shipped',
  data: { title: 'Your order is on its way', body: 'It arrives tomorrow.' },
};

for (const [heading, language] of [['AWS CLI', 'sh'], ['Go', 'go'], ['Python', 'python'], ['Node', 'js']]) {
  test(`publish with ${heading}`, PATIENCE, async (t) => {
    const service = await startService(t);
    const device = await Device.connect(service, await service.signIn('ada'));
    const stranger = await Device.connect(service, await service.signIn('grace'));

    const exports = example('Publish from your backend', 'sh', service.address);
    const answer = await runners[language](t, exports, example(heading, language, service.address));

    assertShown(answer, answers('The answer')[0]);
    const [{ epoch }] = answer.results;
    const frames = await device.framesSoFar();
    const time = frames[0]?.event.time;
    assert.deepEqual(frames, [{ type: 'notification', epoch, offset: 1, event: { ...EVENT, time }, unread: 1, unseen: 1 }]);
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000, `time = ${time}, want now`);
    assert.deepEqual(await stranger.framesSoFar(), []);
  });
}

test('five minutes: sign in at the page, ring the bell with curl', PATIENCE, async (t) => {
  const service = await startService(t);
  const origin = `http://${service.address}`;
  const signedIn = await fetch(`${origin}/demo/sign-in`, {
    method: 'POST', body: '{"user": "ada"}', headers: { 'Content-Type': 'application/json', Origin: origin },
  });
  const cookie = signedIn.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ');
  const device = await Device.open(service, { cookie });

  const { results } = await shellJSON(await folder(t), example('Five minutes', 'sh', service.address));

  assert.deepEqual({ outcome: results[0].outcome, reached: results[0].reached }, { outcome: 'live', reached: 1 });
  const frames = await device.framesSoFar();
  assert.deepEqual(frames.map((f) => [f.type, f.event.data.title]), [['notification', 'Hello, Ada']]);
});

test('a request that is wrong in form is answered as shown', PATIENCE, async (t) => {
  const service = await startService(t);
  const request = { users: ['ada'], notification: { source: 'shop', data: {} } };
  assertShown(await service.invoke('bellhop-publish', request), answers('The answer')[1]);
});
