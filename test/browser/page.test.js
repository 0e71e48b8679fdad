// The demo page in a browser, against the local service.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { launch, Network, Tab } from './browser.js';
import { startService } from './service.js';

let service;
let browser;
let context;
let tabs;

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

async function open(where = context, options = {}) {
  const tab = await Tab.open(where, service.url, options);
  tabs.push(tab);
  return tab;
}

/** A tab of a user who has read everything. */
async function signedIn(user, where = context, options = {}) {
  const tab = await open(where, options);
  await tab.signIn(user);
  await tab.openInbox();
  if (await tab.get('read-all').isEnabled()) await tab.get('read-all').click();
  await tab.badge('');
  await tab.get('inbox-close').click();
  return tab;
}

const event = (title, more = {}) => ({ source: 'test', type: 'test.event', data: { title, body: `about ${title}` }, ...more });

describe('two tabs of one user', () => {
  test('both ring, for the form and for a backend', async () => {
    const first = await signedIn('ada');
    const second = await open();
    await second.connected();
    await first.publish({ to: ['ada'], title: 'From the form' });
    await Promise.all([first.rang(1), second.rang(1)]);
    assert.equal(await first.outcome('ada'), 'live');
    assert.match(await first.get('outcome-ada').textContent(), /on 2 devices/);

    const { results } = await service.publish({ users: ['ada'], notification: event('From a backend') });
    assert.deepEqual([results[0].outcome, results[0].reached], ['live', 2]);
    for (const tab of [first, second]) {
      await tab.rang(2);
      await tab.badge('2');
      assert.equal(await tab.page.title(), '(2) Bellhop');
      await tab.until('an announcement', () => document.querySelector('[data-testid=announcer]').textContent.includes('From a backend. about From a backend'));
      assert.deepEqual((await tab.titles()).slice(0, 2), ['From a backend', 'From the form']);
    }
    await second.openInbox();
    await second.screenshot('two-tabs');
  });

  test('a reload keeps what is stored, and does not ring for it', async () => {
    const tab = await signedIn('ada');
    await service.publish({ users: ['ada'], notification: event('Kept') });
    await tab.badge('1');
    await tab.page.reload();
    await tab.badge('1');
    assert.equal(await tab.page.title(), '(1) Bellhop');
    assert.equal((await tab.titles())[0], 'Kept');
    assert.equal(await tab.rings(), 0);
  });

  test('with too many of them, the oldest makes room and says so, and goes on when it is reloaded', async () => {
    const oldest = await signedIn('ada');
    const newest = await open();
    await newest.connected();
    await newest.page.evaluate(() => {
      const url = `${location.origin.replace(/^http/, 'ws')}/ws/notifications/`;
      for (let i = 0; i < 19; i++) {
        const socket = new WebSocket(url, ['bellhop.v1']);
        socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', id: '1' }));
      }
    });
    await oldest.state('crowded');
    assert.equal(await oldest.get('state').textContent(), 'Open in too many tabs');
    assert.equal(await oldest.get('who').textContent(), 'Ada', 'still signed in');
    await newest.page.close();
    await oldest.page.reload();
    await oldest.connected();
  });

  test('a tab that was closed meanwhile gets it when it comes back', async () => {
    const tab = await signedIn('ada');
    await tab.page.close();
    await nobodyThere('ada');
    await service.publish({ users: ['ada'], notification: event('While away') });
    const back = await open();
    await back.badge('1');
    assert.equal((await back.titles())[0], 'While away');
  });

  test('a tab whose network was away gets it once, rings, and says so', async () => {
    const network = new Network();
    const tab = await signedIn('ada', context, { network });
    const before = (await tab.titles()).length;
    await network.goAway();
    await tab.state('waiting');
    assert.equal(await tab.get('state').textContent(), 'Reconnecting…');
    await nobodyThere('ada');
    const { results } = await service.publish({ users: ['ada'], notification: event('Missed') });
    assert.equal(results[0].outcome, 'stored');
    network.comeBack();
    await tab.rang(1);
    await tab.badge('1');
    const titles = await tab.titles();
    assert.deepEqual([titles.length, titles[0]], [before + 1, 'Missed']);
  });

  test('a service that is killed and comes back has lost nothing, and nobody signs in again', async () => {
    const tab = await signedIn('ada');
    await service.publish({ users: ['ada'], notification: event('Before the crash') });
    await tab.badge('1');
    await service.end('SIGKILL');
    await tab.until('a lost connection', () => document.querySelector('[data-testid=state]').dataset.state !== 'welcomed');
    await service.start();
    await tab.connected();
    await service.publish({ users: ['ada'], notification: event('After the crash') });
    await tab.badge('2');
    assert.deepEqual((await tab.titles()).slice(0, 2), ['After the crash', 'Before the crash']);
    assert.equal(await tab.rings(), 2);
    tab.errors.length = 0; // the handshakes that nobody answered
  });

  test('read in one tab: the badge of the other goes', async () => {
    const first = await signedIn('ada');
    const second = await open();
    await second.connected();
    await service.publish({ users: ['ada'], notification: event('One') });
    await service.publish({ users: ['ada'], notification: event('Two') });
    await Promise.all([first.badge('2'), second.badge('2')]);

    await first.openInbox();
    await second.until('seen in the other tab', () => document.querySelector('[data-testid=badge]').classList.contains('seen'));
    await first.item('One').getByTestId('item-open').first().click();
    await Promise.all([first.badge('1'), second.badge('1')]);
    await first.get('read-all').click();
    await Promise.all([first.badge(''), second.badge('')]);
    assert.equal(await second.page.title(), 'Bellhop');
    await second.openInbox();
    assert.equal(await second.page.locator('[data-read=false]').count(), 0);
  });

  test('put away in one tab: gone in the other', async () => {
    const first = await signedIn('ada');
    const second = await open();
    await second.connected();
    await service.publish({ users: ['ada'], notification: event('To be put away') });
    await second.item('To be put away').waitFor({ state: 'attached' });
    await first.openInbox();
    await first.item('To be put away').getByTestId('item-archive').click();
    await second.item('To be put away').waitFor({ state: 'detached' });
    await second.badge('');
  });
});

describe('delivery', () => {
  test('live-only is shown and does not stay', async () => {
    const tab = await signedIn('grace');
    await tab.publish({ to: ['grace', 'linus'], title: 'Only now', liveOnly: true });
    await tab.rang(1);
    assert.deepEqual([await tab.outcome('grace'), await tab.outcome('linus')], ['live', 'dropped']);
    await tab.openInbox();
    assert.match(await tab.item('Only now').textContent(), /Live only/);
    await tab.badge('');
    await tab.page.reload();
    await tab.connected();
    assert.ok(!(await tab.titles()).includes('Only now'));
  });

  test('an expired one leaves the list and the badge', async () => {
    const tab = await signedIn('grace');
    const expirytime = new Date(Date.now() + 2000).toISOString();
    await service.publish({ users: ['grace'], notification: event('Short-lived', { expirytime }) });
    await tab.rang(1);
    await tab.item('Short-lived').waitFor({ state: 'detached' });
    await tab.badge('');
  });

  test('what the form lacks is said, and nothing is sent', async () => {
    const tab = await signedIn('grace');
    await tab.publish({ to: [], title: 'To nobody' });
    await tab.get('problem').waitFor();
    assert.match(await tab.get('problem').textContent(), /choose somebody/);
    assert.equal(await tab.get('answer').textContent(), '');
  });

  test('markup in a notification is text', async () => {
    const tab = await signedIn('grace');
    await service.publish({ users: ['grace'], notification: event('<img src=x onerror=alert(1)>') });
    await tab.badge('1');
    assert.equal((await tab.titles())[0], '<img src=x onerror=alert(1)>');
    assert.equal(await tab.page.locator('.items img').count(), 0);
  });

  test('the command shows what the form would send', async () => {
    const tab = await signedIn('grace');
    await tab.get('title').fill(`It's "here"`);
    const command = await tab.get('command').textContent();
    assert.ok(command.includes(`--endpoint-url ${service.url}`), command);
    const payload = JSON.parse(command.split(`<<'JSON'\n`)[1].replace(/\nJSON$/, ''));
    assert.deepEqual([payload.users, payload.notification.data.title], [['grace'], `It's "here"`]);
    const { results } = await service.publish(payload);
    assert.equal(results[0].outcome, 'live');
  });
});

describe('who sees what', () => {
  test('another user sees nothing of it', async () => {
    const ada = await signedIn('ada');
    const margaret = await signedIn('margaret', await browser.newContext());
    await service.publish({ users: ['ada'], notification: event('For Ada alone') });
    await ada.rang(1);
    await service.publish({ users: ['margaret'], notification: event('For Margaret') });
    await margaret.rang(1);
    assert.equal((await margaret.titles())[0], 'For Margaret');
    assert.ok(!(await margaret.page.content()).includes('For Ada alone'));
    assert.equal(await margaret.rings(), 1);
    assert.ok(!(await ada.titles()).includes('For Margaret'));
  });

  test('signing out closes every tab of the session', async () => {
    const first = await signedIn('linus');
    const second = await open();
    await second.connected();
    await first.get('sign-out').click();
    await second.get('notice').waitFor();
    assert.equal(await second.get('notice').textContent(), 'You were signed out.');
    assert.deepEqual((await context.cookies()).map(({ name }) => name), []);
    const { results } = await service.publish({ users: ['linus'], notification: event('Nobody there') });
    assert.equal(results[0].outcome, 'stored');
  });

  test('signing in as another user: nothing of the one before stays, in any tab', async () => {
    const first = await signedIn('linus');
    await service.publish({ users: ['linus'], notification: event('For Linus') });
    await first.badge('1');
    const second = await open();
    await second.connected();
    await second.get('sign-out').click();
    await first.get('notice').waitFor();
    await second.signIn('grace');
    await first.page.reload();
    await first.connected();
    assert.equal(await first.get('who').textContent(), 'Grace');
    assert.ok(!(await first.page.content()).includes('For Linus'));
    assert.ok(!(await second.page.content()).includes('For Linus'));
  });

  test('the session cookie is out of reach of scripts', async () => {
    const tab = await signedIn('linus');
    assert.equal(await tab.page.evaluate(() => document.cookie), 'bellhop_demo_user=linus');
    const session = (await context.cookies()).find(({ name }) => name === 'sessionid');
    assert.deepEqual([session.httpOnly, session.sameSite, session.path], [true, 'Lax', '/']);
  });

  test('a WebSocket from elsewhere, or without a session, is refused', async () => {
    const tab = await signedIn('linus');
    const cookies = await context.cookies();
    const Cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const handshake = (headers) => service.handshake(headers);
    assert.equal(await handshake({ Origin: service.url, Cookie }), 101, 'the page itself');
    assert.equal(await handshake({ Origin: 'http://evil.example', Cookie }), 403, 'another origin');
    assert.equal(await handshake({ Cookie }), 403, 'no origin');
    assert.equal(await handshake({ Origin: service.url }), 403, 'no session');
    assert.equal(await handshake({ Origin: service.url, Cookie: 'sessionid=made-up' }), 403, 'a made-up session');
    await tab.get('sign-out').click();
    await tab.get('sign-in-linus').waitFor();
    assert.equal(await handshake({ Origin: service.url, Cookie }), 403, 'a revoked session');
  });
});

describe('for everybody', () => {
  test('the keyboard alone', async () => {
    const tab = await open();
    const { keyboard } = tab.page;
    const focus = async (id) => {
      for (let i = 0; i < 40; i++) {
        if (await tab.get(id).first().evaluate((node) => node === document.activeElement)) return;
        await keyboard.press('Tab');
      }
      assert.fail(`Tab does not lead to ${id}`);
    };
    await tab.get('sign-in-margaret').waitFor();
    await focus('sign-in-margaret');
    await keyboard.press('Enter');
    await tab.connected();
    await focus('title');
    await keyboard.press('Control+A');
    await keyboard.type('By keyboard');
    await focus('urgency-normal');
    await keyboard.press('ArrowRight');
    await focus('publish');
    await keyboard.press('Enter');
    await tab.rang(1);
    await tab.page.reload();
    await tab.connected();
    await focus('bell');
    await keyboard.press('Enter');
    await tab.get('inbox').waitFor();
    await focus('item-open');
    const row = tab.item('By keyboard').first();
    assert.equal(await row.getAttribute('data-urgency'), 'high');
    await keyboard.press('Enter');
    await tab.until('the row to be read', () => document.querySelector('[data-testid=item]').dataset.read === 'true');
    assert.ok(await row.getByTestId('item-open').evaluate((node) => node === document.activeElement), 'the focus stays');
    await keyboard.press('Escape');
    await tab.get('inbox').waitFor({ state: 'hidden' });
    assert.ok(await tab.get('bell').evaluate((node) => node === document.activeElement), 'the focus goes back to the bell');
  });

  for (const colorScheme of ['light', 'dark']) {
    test(`axe finds nothing, ${colorScheme}`, async () => {
      const where = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 900 } });
      const tab = await open(where);
      await tab.get('sign-in-ada').waitFor();
      assert.deepEqual(await tab.accessibilityFaults(), [], 'signing in');
      await tab.screenshot(`sign-in-${colorScheme}`);
      await tab.signIn('ada');
      for (const urgency of ['very-low', 'low', 'normal', 'high']) {
        await service.publish({ users: ['ada'], notification: event(`Urgency ${urgency}`, { urgency }) });
      }
      await tab.publish({ to: ['ada', 'grace', 'margaret'], title: 'Live to some', liveOnly: true });
      await tab.rang(5);
      await tab.get('outcome-margaret').waitFor();
      assert.deepEqual(await tab.accessibilityFaults(), [], 'publishing');
      await tab.screenshot(`publish-${colorScheme}`);
      await tab.openInbox();
      await tab.item('Urgency low').first().getByTestId('item-open').click();
      assert.deepEqual(await tab.accessibilityFaults(), [], 'the inbox');
      await tab.screenshot(`inbox-${colorScheme}`);
      await tab.page.setViewportSize({ width: 360, height: 780 });
      assert.deepEqual(await tab.accessibilityFaults(), [], 'a phone');
      const wide = await tab.page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= 360, `the page is ${wide} px wide on a phone of 360`);
      await tab.screenshot(`phone-${colorScheme}`);
    });
  }

  test('99+ stands for a hundred or more', async () => {
    const tab = await signedIn('margaret');
    const notification = (n) => ({ users: ['margaret'], notification: event(`Number ${n}`) });
    await service.publish({ requests: Array.from({ length: 100 }, (_, n) => notification(n)) });
    await tab.badge('99+');
    assert.equal(await tab.page.title(), '(99+) Bellhop');
    await tab.screenshot('badge-99');
    await tab.page.reload();
    await tab.badge('99+');
    await tab.openInbox();
    await tab.get('older').click();
    await tab.until('the older ones', () => document.querySelectorAll('[data-testid=item]').length > 50);
    await tab.get('read-all').click();
    await tab.badge('');
  });

  test('who asks for less motion gets none', async () => {
    const tab = await signedIn('grace', await browser.newContext({ reducedMotion: 'reduce' }));
    await service.publish({ users: ['grace'], notification: event('Quietly') });
    await tab.rang(1);
    const moving = await tab.get('bell').evaluate((bell) => getComputedStyle(bell.querySelector('svg')).animationName);
    assert.equal(moving, 'none');
  });
});

/** Waits until the service knows that the user has no device any more. */
async function nobodyThere(user) {
  const end = Date.now() + 10_000;
  while (Date.now() < end) {
    const { results } = await service.publish({ users: [user], notification: event('Anybody?'), store: false });
    if (results[0].outcome === 'dropped') return;
  }
  assert.fail(`${user} still has a device`);
}
