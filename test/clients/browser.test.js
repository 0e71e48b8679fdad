// The script that README.md shows for a page shows what is in the log, and what
// is published after. (The demo page's own client is tested in test/browser.)

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';

import WebSocket from 'ws';

import { example } from './readme.js';
import { startService } from './service.js';

const notification = (title) => ({ source: 'shop', type: 'order.shipped', data: { title } });

test('connect a browser', { timeout: 60_000 }, async (t) => {
  const service = await startService(t);
  const token = await service.signIn('ada');
  await service.invoke('bellhop-publish', { users: ['ada'], notification: notification('before') });

  const shown = showing();
  runInNewContext(example('Connect a browser', 'js', service.address), {
    show: shown.show, WebSocket: asABrowser({ origin: `http://${service.address}`, headers: { cookie: `sessionid=${token}` } }),
  });

  assert.equal((await shown.next()).data.title, 'before');
  const { results } = await service.invoke('bellhop-publish', { users: ['ada'], notification: notification('after') });
  assert.equal(results[0].outcome, 'live');
  assert.equal((await shown.next()).data.title, 'after');
});

/** A WebSocket that sends what a browser adds by itself. */
function asABrowser(options) {
  return class extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols, options);
    }
  };
}

/** A function show, and what it is called with next. */
function showing() {
  const calls = [];
  const waiting = [];
  const settle = () => { if (calls.length && waiting.length) waiting.shift()(calls.shift()); };
  return {
    show: (event) => { calls.push(event); settle(); },
    next: () => new Promise((resolve) => { waiting.push(resolve); settle(); }),
  };
}
