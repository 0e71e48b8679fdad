// What every test of a page has: a service, a browser, and a context of its own
// whose tabs must show no error.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import { launch } from './browser.js';
import { startService } from './service.js';

export let service;
export let browser;
export let context;
export let tabs; // those that the test opened; it adds them

before(async () => {
  service = await startService();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await service?.stop();
});

beforeEach(async () => {
  tabs = [];
  context = await browser.newContext();
});

afterEach(async () => {
  const errors = tabs.flatMap((tab) => tab.errors);
  await Promise.all(browser.contexts().map((one) => one.close()));
  assert.deepEqual(errors, [], 'errors in the page');
});
