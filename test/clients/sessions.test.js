// Sessions are made and ended as README.md shows, and the sockets of a session
// end with it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Device } from './device.js';
import { answers, assertShown, examples } from './readme.js';
import { folder, shellJSON } from './run.js';
import { startService } from './service.js';

test('create a session, connect with its token, revoke it', { timeout: 300_000 }, async (t) => {
  const service = await startService(t);
  const cwd = await folder(t);
  const [create, revoke] = examples('Sessions', 'sh', service.address);
  const [created, revoked] = answers('Sessions');

  const session = await shellJSON(cwd, create);
  assertShown(session, created);
  const left = Date.parse(session.expires) - Date.now();
  assert.ok(left > 3_590_000 && left <= 3_600_000, `the session lasts ${left} ms, want an hour`);
  const device = await Device.connect(service, session.token);
  assert.equal(device.welcome.user, 'ada');

  assertShown(await shellJSON(cwd, revoke), revoked);
  const { type, code, reconnect } = await device.next();
  assert.deepEqual({ type, code, reconnect }, { type: 'disconnect', code: 'session_revoked', reconnect: 'never' });
  await device.closed;
  await assert.rejects(Device.connect(service, session.token), /Unexpected server response: 403/);
});

test('the site\'s cookie opens a socket', { timeout: 300_000 }, async (t) => {
  const service = await startService(t);
  const token = await service.signIn('ada');
  const [cookie] = examples('Sessions', '', service.address)[0].replace('Set-Cookie: ', '').replace('<token>', token).split(';');
  const device = await Device.open(service, { cookie });
  assert.equal(device.welcome.user, 'ada');
  await assert.rejects(Device.open(service, { cookie, origin: 'https://elsewhere.test' }), /Unexpected server response: 403/);
});
