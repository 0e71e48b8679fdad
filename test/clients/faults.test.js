// The faults that README.md plants are planted, and the table there names all
// that there are.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Device } from './device.js';
import { example } from './readme.js';
import { folder, shell } from './run.js';
import { ROOT, startService } from './service.js';

test('plant, look, cut, clear', { timeout: 300_000 }, async (t) => {
  const service = await startService(t);
  const device = await Device.connect(service, await service.signIn('ada'));
  const [output] = await shell(await folder(t), example('Faults on demand', 'sh', service.address));
  assert.match(output, /^\{"seed":\d+,"push_drop":0.1,.*"planted":\{\}\}\{"seed":.*\}\{"cut":1\}$/);
  await device.closed;
  const state = await (await fetch(`http://${service.address}/_faults`)).json();
  assert.deepEqual(state, { planted: {} });
});

test('all faults are told', () => {
  const [, table] = readFileSync(join(ROOT, 'README.md'), 'utf8').match(/^## Faults on demand\n(.*?)^## /ms);
  const told = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  const there = [...readFileSync(join(ROOT, 'localdev/fault/plan.go'), 'utf8').matchAll(/`json:"(\w+)/g)].map(([, name]) => name);
  assert.deepEqual(told.sort(), there.sort());
});
