// A real Django site tells Bellhop who its users are: by its signed cookie, and
// by the recipe of docs/sessions.md, which is run as it stands.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

import { Device } from './device.js';
import { examples } from './readme.js';
import { environment, folder } from './run.js';
import { ROOT, startService } from './service.js';

const DATABASE = 'Django with sessions in the database';

/** A Django site, with the recipe if asked for. Gives a function that posts to it. */
async function startSite(t, service, { engine, recipe }) {
  const cwd = await folder(t);
  if (recipe) {
    const [signals, views] = examples(DATABASE, 'python', service.address, 'docs/sessions.md');
    await writeFile(join(cwd, 'bellhop.py'), signals);
    await writeFile(join(cwd, 'views.py'), views);
  }
  const aws = {
    AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL_LAMBDA: `http://${service.address}`, PYTHONDONTWRITEBYTECODE: '1',
  };
  const script = join(ROOT, 'test/clients/django_site.py');
  const site = spawn('python', [script, `django.contrib.sessions.backends.${engine}`], { cwd, env: { ...environment, ...aws }, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(site, 'close');
  t.after(async () => { site.stdin.end(); await ended; });
  const lines = createInterface({ input: site.stdout })[Symbol.asyncIterator]();
  return async (action) => {
    site.stdin.write(`${action}\n`);
    const { value } = await lines.next();
    assert.ok(value, `the site ended at ${action}`);
    return JSON.parse(value);
  };
}

const refused = /Unexpected server response: 403/;

test('the signed cookie of a Django site opens a socket', { timeout: 300_000 }, async (t) => {
  const parameters = 'DjangoSecretKey="the site\'s own"';
  const service = await startService(t, '--parameter-overrides', parameters);
  const post = await startSite(t, service, { engine: 'signed_cookies' });
  const { cookies } = await post('login ada');
  const cookie = `sessionid=${cookies.sessionid.value}`;
  const device = await Device.open(service, { cookie });
  assert.equal(device.welcome.user, '1');
  await assert.rejects(Device.open(service, { cookie: cookie.slice(0, -4) }), refused);
  await assert.rejects(Device.open(service, { cookie, origin: 'https://elsewhere.test' }), refused);

  await service.invoke('bellhop-sessions', { op: 'revoke', user: '1' });
  assert.equal((await device.next()).code, 'session_revoked');
  await device.closed;
  await assert.rejects(Device.open(service, { cookie }), refused);
});

test('a Django site with sessions in the database tells of sign-in and sign-out', { timeout: 300_000 }, async (t) => {
  const service = await startService(t, '--parameter-overrides', 'SessionCookieName=bellhop');
  const post = await startSite(t, service, { engine: 'db', recipe: true });
  const { cookies: { bellhop, sessionid } } = await post('login ada');
  assert.deepEqual({ ...bellhop, value: '', age: Number(bellhop.age) }, { value: '', secure: true, httponly: true, samesite: 'Lax', age: 1_209_600 });
  assert.notEqual(bellhop.value, sessionid.value);

  const byCookie = await Device.open(service, { cookie: `bellhop=${bellhop.value}` });
  assert.equal(byCookie.welcome.user, '1');
  const { ticket } = JSON.parse((await post('ticket')).body);
  const byTicket = await Device.open(service, { query: `?ticket=${ticket}` });
  assert.equal(byTicket.welcome.user, '1');

  const gone = await post('logout');
  assert.equal(gone.cookies.bellhop.value, '');
  for (const device of [byCookie, byTicket]) {
    assert.equal((await device.next()).code, 'session_revoked');
    await device.closed;
  }
  await assert.rejects(Device.open(service, { cookie: `bellhop=${bellhop.value}` }), refused);
  assert.equal((await post('ticket')).status, 302); // to the sign-in

  const again = await post('login grace');
  assert.notEqual(again.cookies.bellhop.value, bellhop.value);
});
