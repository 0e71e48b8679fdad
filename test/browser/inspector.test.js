// The inspector in a browser, against the local service.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { Tab } from './browser.js';
import { browser, context, service, tabs } from './stage.js';

/** A tab of the inspector that listens and shows nothing of earlier tests. */
async function inspect(where = context) {
  const tab = await Tab.open(where, `${service.url}/_inspector`);
  tabs.push(tab);
  await tab.state('live');
  await rows(tab, 'recording').last().waitFor();
  await tab.get('clear').click();
  await count(tab, /^0 rows/);
  return tab;
}

/** A tab of the demo page with a user who is connected. */
async function demo(user, where = context) {
  const tab = await Tab.open(where, service.url);
  tabs.push(tab);
  await tab.signIn(user);
  return tab;
}

const rows = (tab, kind) => tab.page.locator(`[data-testid=row][data-kind="${kind}"]`);
const invocations = (tab, name) => rows(tab, 'invoke').filter({ hasText: name });

/** Waits until the line below the rows says this. */
const count = (tab, pattern) => tab.page.locator('[data-testid=count]').filter({ hasText: pattern }).waitFor();

const order = (title, users = ['ada']) => ({ users, notification: { source: 'test', type: 'test.event', data: { title } } });

describe('the time line', () => {
  test('shows a handshake, frames, invocations and pushes while they happen', async () => {
    const tab = await inspect();
    const page = await demo('ada');
    await page.publish({ to: ['ada'], title: 'Seen by the inspector' });
    await page.rang(1);
    await rows(tab, 'push').filter({ hasText: 'Seen by the inspector' }).waitFor();
    for (const name of ['bellhop-authorizer', 'bellhop-connect', 'bellhop-message', 'bellhop-publish']) {
      const row = invocations(tab, name).first();
      await row.filter({ hasText: 'ok' }).filter({ hasText: ' ms' }).waitFor();
    }
    await rows(tab, 'connect').filter({ hasText: 'ada' }).waitFor();
    await rows(tab, 'frame.in').filter({ hasText: '"hello"' }).waitFor();
    await rows(tab, 'frame.out').filter({ hasText: '"welcome"' }).waitFor();
    assert.match(await rows(tab, 'push').first().textContent(), /^\d\d:\d\d:\d\d\.\d{3}Push.*ada.*POST @connections.*200/);
  });

  test('says why a handshake was refused, and which faults were planted', async () => {
    const tab = await inspect();
    await service.handshake({ Origin: 'http://evil.example', Cookie: 'sessionid=hunter2' });
    await rows(tab, 'refuse').filter({ hasText: "the authorizer's policy does not allow it" }).filter({ hasText: '403' }).waitFor();
    await fetch(`${service.url}/_faults`, { method: 'PUT', body: '{"function_crash": 1}' });
    await service.publish(order('In vain'));
    await fetch(`${service.url}/_faults`, { method: 'DELETE' });
    await rows(tab, 'fault').filter({ hasText: 'function_crash' }).waitFor();
    await invocations(tab, 'bellhop-publish').filter({ hasText: 'Runtime.ExitError' }).filter({ hasText: 'error' }).waitFor();
  });

  test('is filtered by user, function, connection, kind and text', async () => {
    const tab = await inspect();
    await demo('ada');
    await demo('grace', await browser.newContext());
    await rows(tab, 'frame.out').nth(1).waitFor();
    const shown = (kind) => rows(tab, kind).count();

    await tab.get('user').selectOption('grace');
    await tab.until('one connection', () => document.querySelectorAll('[data-kind=connect]').length === 1);
    assert.equal(await invocations(tab, 'bellhop-authorizer').count(), 1); // its user was learnt later
    await tab.get('reset').click();
    await tab.until('both connections', () => document.querySelectorAll('[data-kind=connect]').length === 2);

    await tab.get('function').selectOption('bellhop-connect');
    await count(tab, /^2 of /);
    await tab.get('announcer').filter({ hasText: /^2 of \d+ rows shown/ }).waitFor({ state: 'attached' });
    await tab.get('reset').click();

    await tab.get('group-invocations').uncheck({ force: true });
    await tab.until('no invocation', () => !document.querySelector('[data-kind=invoke]'));
    assert.equal(await shown('connect'), 2);
    await tab.get('reset').click();

    await tab.get('text').fill('"WELCOME"');
    await count(tab, /^2 of /);
    await tab.get('reset').click();

    await rows(tab, 'connect').first().click();
    await tab.get('only').click();
    await tab.until('one connection', () => document.querySelectorAll('[data-kind=connect]').length === 1);
    assert.match(await tab.get('connection').inputValue(), /^[\w-]{15}=$/);
    await tab.get('text').fill('nothing has this');
    await tab.get('empty').filter({ hasText: 'Nothing passes these filters.' }).waitFor();
  });

  test('shows under a filter what passes it only when it is known whole', async () => {
    const tab = await inspect();
    await tab.get('user').evaluate((choices) => choices.append(new Option('linus')));
    await tab.get('user').selectOption('linus');
    await demo('linus', await browser.newContext());
    await invocations(tab, 'bellhop-authorizer').filter({ hasText: 'linus' }).waitFor();
    await tab.get('reset').click();
    await tab.get('text').fill('"reached":1');
    await service.publish(order('Whom it reached', ['linus']));
    await invocations(tab, 'bellhop-publish').waitFor();
  });

  test('pauses, resumes, and is cleared, for a reload, too', async () => {
    const tab = await inspect();
    await tab.get('pause').click();
    await tab.state('paused');
    await service.publish(order('While paused'));
    await count(tab, /^0 rows, 1 waiting|^0 rows, 2 waiting/);
    assert.equal(await tab.page.locator('[data-testid=row]').count(), 0);
    await tab.get('pause').click();
    await invocations(tab, 'bellhop-publish').waitFor();
    await tab.get('clear').click();
    await tab.get('empty').waitFor();
    await tab.page.reload();
    await rows(tab, 'recording').waitFor();
    assert.equal(await invocations(tab, 'bellhop-publish').count(), 0);
  });

  test('a second page gets what is kept', async () => {
    const tab = await inspect();
    await service.publish(order('Kept for the second'));
    await invocations(tab, 'Kept for the second').waitFor();
    const other = await Tab.open(context, `${service.url}/_inspector`);
    tabs.push(other);
    await invocations(other, 'Kept for the second').waitFor();
  });

  test('goes on when the service comes back', async () => {
    const tab = await inspect();
    await service.publish(order('Before'));
    await invocations(tab, 'Before').waitFor();
    await service.end('SIGINT');
    await tab.state('waiting');
    await service.start();
    await tab.state('live');
    await service.publish(order('After'));
    await invocations(tab, 'After').waitFor();
    assert.equal(await invocations(tab, 'Before').count(), 1);
    tab.errors.length = 0; // the connection that nobody answered
  });
});

describe('many rows', () => {
  test('stay quick: few elements, a limit that is told, and the end in sight until one scrolls up', async () => {
    const tab = await inspect();
    await flood(5200);
    await count(tab, /^5,000 rows/);
    assert.match(await tab.get('gone').textContent(), /the oldest \d+ were let go: this page keeps 5,000/);
    assert.ok(await tab.page.locator('[data-testid=row]').count() < 80);
    await inSight(tab, 'last');
    assert.ok(await tab.get('follow').isHidden());

    await tab.page.mouse.move(400, 400);
    await tab.page.mouse.wheel(0, -4000);
    await tab.get('follow').waitFor();
    const top = await firstInSight(tab);
    await flood(20);
    await tab.until('20 more let go', () => Number(document.querySelector('[data-testid=gone]').textContent.match(/\d+/)[0]) >= 220);
    assert.equal(await firstInSight(tab), top); // what one reads stays where it is
    await tab.get('follow').click();
    await inSight(tab, 'last');
  });
});

/** Makes this many rows: calls of @connections for a connection that is none. */
async function flood(n) {
  for (let left = n; left > 0; left -= 50) {
    const calls = Array.from({ length: Math.min(50, left) }, () => fetch(`${service.url}/live/@connections/nobody`));
    await Promise.all((await Promise.all(calls)).map((answer) => answer.arrayBuffer()));
  }
}

const inSight = (tab) => tab.until('the last row in sight', () => {
  const grid = document.querySelector('[data-testid=grid]');
  return grid.scrollTop + grid.clientHeight >= grid.scrollHeight - 4;
});

/** The id of the first row below the head. */
const firstInSight = (tab) => tab.page.evaluate(() => {
  const edge = document.querySelector('.head').getBoundingClientRect().bottom;
  const all = [...document.querySelectorAll('[data-testid=row]')];
  return all.find((row) => row.getBoundingClientRect().top >= edge - 1).id;
});

describe('one event', () => {
  test('is saved as the function got it', async () => {
    const tab = await inspect();
    const request = order('Saved é <&> "quoted"', ['linus']);
    await service.publish(request);
    await invocations(tab, 'bellhop-publish').click();
    await tab.get('payload-answer').filter({ hasText: '"stored"' }).waitFor();
    const [download] = await Promise.all([tab.page.waitForEvent('download'), tab.get('save').click()]);
    assert.match(download.suggestedFilename(), /^bellhop-publish-\d+\.json$/);
    assert.equal(await readFile(await download.path(), 'utf8'), JSON.stringify(request));
  });

  test('holds no credential on the page, and those that are needed in the file', async () => {
    const tab = await inspect();
    const page = await demo('margaret');
    const { value: token } = (await context.cookies()).find(({ name }) => name === 'sessionid');
    await page.page.close();
    await rows(tab, 'disconnect').waitFor();
    for (const name of ['bellhop-sessions', 'bellhop-authorizer']) {
      await invocations(tab, name).first().click();
      await tab.get('payload-answer').waitFor();
      assert.match(await tab.get('detail').textContent(), /\[masked\]/);
      assert.ok(!(await tab.page.content()).includes(token), `${name}: the token is on the page`);
    }
    const [download] = await Promise.all([tab.page.waitForEvent('download'), tab.get('save').click()]);
    assert.ok((await readFile(await download.path(), 'utf8')).includes(`sessionid=${token}`));
  });

  test('is copied, masked, and its connection by its whole id', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const tab = await inspect();
    await demo('ada');
    await invocations(tab, 'bellhop-authorizer').click();
    const copied = async (button) => {
      await button.click();
      await button.filter({ hasText: 'Copied' }).waitFor();
      return tab.page.evaluate(() => navigator.clipboard.readText());
    };
    const event = JSON.parse(await copied(tab.get('payload-event').getByTestId('copy')));
    assert.equal(event.type, 'REQUEST');
    assert.match(event.headers.Cookie, /^sessionid=\[masked\]/);
    assert.equal(await copied(tab.get('copy-id')), event.requestContext.connectionId);
  });
});

describe('for everybody', () => {
  test('the keyboard moves, opens and closes', async () => {
    const tab = await inspect();
    await service.publish(order('First'));
    await service.publish(order('Second'));
    await invocations(tab, 'Second').waitFor();
    const active = () => tab.page.evaluate(() => document.getElementById(document.querySelector('[data-testid=grid]').getAttribute('aria-activedescendant'))?.textContent ?? '');
    const press = (key) => tab.page.keyboard.press(key);
    const focused = () => tab.page.evaluate(() => document.activeElement.id);

    await tab.get('text').focus();
    await press('Tab');
    assert.equal(await focused(), 'grid');
    await press('ArrowUp');
    assert.match(await active(), /Second/);
    await press('Home');
    assert.match(await active(), /First/);
    await press('ArrowDown');
    assert.match(await active(), /Second/);
    await press('ArrowUp');
    await press('Enter');
    await tab.get('payload-event').filter({ hasText: 'First' }).waitFor();
    assert.equal(await focused(), 'detail-title');
    await press('Escape');
    await tab.get('detail').waitFor({ state: 'hidden' });
    assert.equal(await focused(), 'grid');
    await press('Enter');
    await tab.get('payload-event').filter({ hasText: 'First' }).waitFor();
    await tab.get('grid').focus();
    await press('End'); // an open event follows the active row
    await tab.get('payload-event').filter({ hasText: 'Second' }).waitFor();
  });

  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1280, 480]) {
      test(`axe finds nothing: ${colorScheme}, ${width} px`, async () => {
        const here = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
        const tab = await inspect(here);
        assert.deepEqual(await tab.accessibilityFaults(), []);
        const page = await demo('ada', here);
        await page.publish({ to: ['ada', 'grace'], title: 'In every colour' });
        await page.rang(1);
        await service.handshake({ Origin: 'http://evil.example' });
        await fetch(`${service.url}/_faults/cut`, { method: 'POST' });
        await rows(tab, 'fault').waitFor();
        await tab.page.bringToFront();
        assert.deepEqual(await tab.accessibilityFaults(), []);
        assert.ok(await tab.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than the window');
        await tab.screenshot(`inspector-${colorScheme}-${width}`);
        await invocations(tab, 'bellhop-authorizer').first().click();
        await tab.get('payload-answer').waitFor();
        assert.deepEqual(await tab.accessibilityFaults(), []);
        await tab.screenshot(`inspector-event-${colorScheme}-${width}`);
        page.errors.length = 0; // the connection that was cut
      });
    }
  }
});
