// The browser, and the page as a test speaks of it. Every wait is for
// something that shows; nothing sleeps.

import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { accessSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const SHOTS = resolve(import.meta.dirname, '../../build/screenshots');
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function launch() {
  await mkdir(SHOTS, { recursive: true });
  return chromium.launch({ executablePath: findBrowser(), args: ['--no-sandbox', '--disable-background-networking'] });
}

function findBrowser() {
  const all = [process.env.CHROMIUM, ...BROWSERS].filter(Boolean);
  const found = all.find((path) => {
    try {
      accessSync(path);
      return true;
    } catch {
      return false;
    }
  });
  assert.ok(found, `no browser at ${all.join(', ')}: install chromium, or name one in CHROMIUM`);
  return found;
}

/** A network for the WebSockets of a page that can go away and come back. */
export class Network {
  #away = false;
  #open = new Set();

  async carry(page) {
    await page.routeWebSocket('**', (socket) => {
      if (this.#away) {
        socket.close();
        return;
      }
      this.#open.add(socket);
      socket.connectToServer();
    });
  }

  async goAway() {
    this.#away = true;
    await Promise.all([...this.#open].map((socket) => socket.close()));
    this.#open.clear();
  }

  comeBack() { this.#away = false; }
}

/** One tab with the page. */
export class Tab {
  constructor(page) {
    this.page = page;
    this.errors = [];
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
  }

  /** Opens the page in a new tab of the context. */
  static async open(context, url, { network } = {}) {
    const tab = new Tab(await context.newPage());
    await network?.carry(tab.page);
    await tab.page.goto(url);
    return tab;
  }

  get(id) { return this.page.getByTestId(id); }

  async signIn(user) {
    await this.get(`sign-in-${user}`).click();
    await this.connected();
  }

  /** Waits for a state of the connection. */
  async state(name) {
    await this.page.locator(`[data-testid=state][data-state=${name}]`).waitFor();
  }

  async connected() { await this.state('welcomed'); }

  /** Waits until the condition holds in the page; fails with what was wanted. */
  async until(what, condition, argument) {
    await this.page.waitForFunction(condition, argument).catch((error) => {
      throw new Error(`waited in vain for ${what}: ${error.message}`);
    });
  }

  rings() { return this.get('bell').getAttribute('data-rings').then(Number); }

  /** Waits until the bell has rung this often since the page was loaded. */
  rang(times) {
    return this.until(`ring ${times}`, (n) => Number(document.querySelector('[data-testid=bell]').dataset.rings) >= n, times);
  }

  /** Waits for the badge: "" is none. */
  badge(text) {
    return this.until(`badge "${text}"`, (t) => document.querySelector('[data-testid=badge]').textContent === t, text);
  }

  item(title) { return this.get('item').filter({ hasText: title }); }
  async titles() { return this.page.locator('.item-title').allTextContents(); }

  async openInbox() {
    if (!(await this.get('inbox').isVisible())) await this.get('bell').click();
    await this.get('inbox').waitFor();
  }

  /** Fills in the form and publishes. */
  async publish({ to, title, body = '', liveOnly = false }) {
    for (const box of await this.page.locator('input[name=to]').all()) await box.setChecked(to.includes(await box.inputValue()), { force: true });
    await this.get('title').fill(title);
    await this.get('body').fill(body);
    await this.get(liveOnly ? 'live-only' : 'store').check({ force: true });
    await this.get('publish').click();
  }

  /** What the last answer said of the user. */
  async outcome(user) {
    return this.get(`outcome-${user}`).getAttribute('data-outcome');
  }

  async screenshot(name) {
    await this.page.screenshot({ path: join(SHOTS, `${name}.png`), animations: 'disabled' });
  }

  /** What axe finds wrong, one line each. */
  async accessibilityFaults() {
    await this.page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate(() => globalThis.axe.run());
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
  }
}
