// The script that README.md shows for a page shows what is in the log, and what
// is published after. (The demo page's own client is tested in test/browser.)

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';

import WebSocket from 'ws';

import { example } from './readme.js';
import { startService } from './service.js';

const SHOWN_WITHIN = 10_000; // ms

test('connect a browser', { timeout: 300_000 }, async (t) => {
  const service = await startService(t);
  const token = await service.signIn('ada');
  await publish(service, 'before');

  const page = new EventEmitter();
  const before = nextShown(page);
  runInNewContext(example('Connect a browser', 'js', service.address), {
    show: (event) => page.emit('shown', event),
    WebSocket: asInABrowser({ origin: `http://${service.address}`, headers: { cookie: `sessionid=${token}` } }),
  });
  assert.equal((await before).data.title, 'before');

  const after = nextShown(page);
  assert.equal((await publish(service, 'after')).outcome, 'live');
  assert.equal((await after).data.title, 'after');
});

async function publish(service, title) {
  const notification = { source: 'shop', type: 'order.shipped', data: { title } };
  const { results } = await service.invoke('bellhop-publish', { users: ['ada'], notification });
  return results[0];
}

async function nextShown(page) {
  const [event] = await once(page, 'shown', { signal: AbortSignal.timeout(SHOWN_WITHIN) });
  return event;
}

/** A WebSocket that sends what a browser adds by itself. */
function asInABrowser(options) {
  return class extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols, options);
    }
  };
}
