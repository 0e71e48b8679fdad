// The page's client, against a socket that the test plays.

import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { backoff } from '../../localdev/demo/static/bellhop.js';
import { EPOCH, FakeSocket, SECOND, event, item, notification, playTime, start, welcome, welcomed } from './fake.js';

playTime();

describe('the handshake', () => {
  test('offers the subprotocol, says hello without an epoch, and shows the newest page', () => {
    const { client, told, offsets } = start();
    assert.deepEqual(FakeSocket.last.protocols, ['bellhop.v1']);
    FakeSocket.last.open();
    assert.deepEqual(FakeSocket.last.sent, [{ type: 'hello', id: FakeSocket.last.hello.id }]);
    FakeSocket.last.welcome({ offset: 3, items: [item(3), item(2, { read: true })], unread: 1, unseen: 1 });
    assert.deepEqual(told.states, ['connecting', 'open', 'welcomed']);
    assert.deepEqual(offsets(), [3, 2]);
    assert.equal(client.inbox.unread, 1);
    assert.deepEqual(told.notifications, [], 'the first page is no news');
  });

  test('the watermarks of a welcome reach the items', () => {
    const { client } = start();
    FakeSocket.last.open();
    FakeSocket.last.welcome({ offset: 5, items: [item(3), item(2), item(1, { unread_since: 4 })], seen_through: 3, read_through: 2 });
    const read = client.inbox.list().map(({ offset, read, seen }) => [offset, read, seen]);
    assert.deepEqual(read, [[3, false, true], [2, true, true], [1, false, true]]);
  });

  test('a welcome for another hello is passed over', () => {
    const { client } = start();
    FakeSocket.last.open();
    FakeSocket.last.say(welcome({ id: 'other', offset: 9 }));
    assert.equal(client.state, 'open');
  });

  test('no welcome in time: the next try', () => {
    const { client } = start();
    FakeSocket.last.open();
    mock.timers.tick(15 * SECOND);
    assert.equal(client.state, 'waiting');
  });
});

describe('the order of changes', () => {
  test('a repeat is dropped', () => {
    const { told, offsets, socket } = welcomed(1);
    socket.say(notification(2));
    const changes = told.changes;
    socket.say(notification(2));
    socket.say(notification(1));
    assert.equal(told.changes, changes, 'and nothing is drawn for it');
    assert.deepEqual(told.notifications, ['id2']);
    assert.deepEqual(offsets(), [2, 1]);
    assert.equal(socket.of('hello').length, 1);
  });

  test('a gap is closed by another hello, and each is told once and in order', () => {
    const { told, offsets, socket } = welcomed(1);
    socket.say(notification(4));
    assert.deepEqual(socket.hello, { type: 'hello', id: socket.hello.id, epoch: EPOCH, offset: 1 });
    assert.deepEqual(offsets(), [1], 'nothing is applied across a gap');
    socket.welcome({ recovered: true, offset: 4, items: [item(2), item(3), item(4)], unread: 4, unseen: 4 });
    assert.deepEqual(told.notifications, ['id2', 'id3', 'id4']);
    assert.deepEqual(offsets(), [4, 3, 2, 1]);
  });

  test('out of order: what came early is applied after what it waited for', () => {
    const { told, socket } = welcomed(1);
    socket.say(notification(3));
    socket.say(notification(2));
    socket.welcome({ recovered: true, offset: 2, items: [item(2)], unread: 2, unseen: 2 });
    assert.deepEqual(told.notifications, ['id2', 'id3']);
    assert.equal(socket.of('hello').length, 2, 'the gap is closed: no third hello');
  });

  test('what comes between a hello and its welcome is applied after it', () => {
    const { client, told, socket } = welcomed(1);
    socket.say(notification(4));
    socket.say(notification(2));
    socket.say({ type: 'state', epoch: EPOCH, offset: 3, state: 'read', items: [2], unread: 1, unseen: 1 });
    socket.welcome({ recovered: true, offset: 2, items: [item(2)], unread: 2, unseen: 2 });
    assert.equal(client.inbox.items.get(2).read, true, 'the older state of the welcome does not win');
    assert.deepEqual([client.inbox.offset, client.inbox.unread], [4, 4]);
    assert.deepEqual(told.notifications, ['id2', 'id4']);
  });

  test('a push that overtakes the welcome is not lost', () => {
    const { client, told, offsets } = start();
    FakeSocket.last.open();
    FakeSocket.last.say(notification(3));
    FakeSocket.last.welcome({ offset: 2, items: [item(2), item(1)], unread: 2, unseen: 2 });
    assert.deepEqual(offsets(), [3, 2, 1]);
    assert.deepEqual(told.notifications, ['id3']);
    assert.equal(client.inbox.unread, 3);
  });

  test('a gap that hellos do not close ends in the newest page', () => {
    const { offsets, socket } = welcomed(1);
    socket.say(notification(4));
    for (let i = 0; i < 5; i++) {
      socket.welcome({ recovered: true, offset: 1 });
      mock.timers.tick(3 * SECOND);
    }
    assert.equal(socket.hello.epoch, undefined);
    socket.welcome({ offset: 4, items: [item(4), item(3)] });
    assert.deepEqual(offsets(), [4, 3]);
    assert.equal(socket.of('hello').length, 7, 'and no more after it');
  });

  test('more to replay: hello again from there', () => {
    const { told, socket } = welcomed(1);
    socket.say(notification(9));
    socket.welcome({ recovered: true, more: true, offset: 5, items: [item(4), item(5)] });
    assert.equal(socket.hello.offset, 5);
    socket.welcome({ recovered: true, offset: 9, items: [item(9)] });
    assert.deepEqual(told.notifications, ['id4', 'id5', 'id9']);
  });

  test('a new epoch voids the list', () => {
    const { client, told, offsets, socket } = welcomed(3);
    socket.say({ ...notification(1), epoch: 'e2' });
    socket.welcome({ epoch: 'e2', offset: 1, items: [item(1)], unread: 1, unseen: 1 });
    assert.deepEqual(offsets(), [1]);
    assert.equal(client.inbox.epoch, 'e2');
    socket.say({ ...notification(2), epoch: 'e2' });
    assert.deepEqual(told.notifications, ['id2']);
  });

  test('not recovered: the list is replaced, and what is new in it is told', () => {
    const { told, offsets, socket } = welcomed(2);
    socket.say(notification(90));
    socket.welcome({ offset: 90, items: [item(90), item(89)], more: true });
    assert.deepEqual(offsets(), [90, 89]);
    assert.deepEqual(told.notifications, ['id89', 'id90']);
  });

  test('a replayed item without an event keeps the one it had; a withdrawn one goes', () => {
    const { client, offsets, socket } = welcomed(3);
    socket.say(notification(7));
    const { event: none, ...known } = item(2, { read: true });
    socket.welcome({ recovered: true, offset: 7, items: [known, { offset: 3, read: true, seen: true, withdrawn: true }, item(7)] });
    assert.deepEqual(offsets(), [7, 2, 1]);
    assert.equal(client.inbox.items.get(2).event.id, 'id2');
    assert.equal(client.inbox.items.get(2).read, true);
  });
});

describe('marks', () => {
  test('of another device: read, unread, through, archived, withdrawn', () => {
    const { client, offsets, socket } = welcomed(3);
    const say = (frame) => socket.say({ type: 'state', epoch: EPOCH, unread: 1, unseen: 0, ...frame });
    say({ offset: 4, state: 'read', items: [2] });
    assert.equal(client.inbox.items.get(2).read, true);
    say({ offset: 5, state: 'unread', items: [2] });
    assert.equal(client.inbox.items.get(2).read, false);
    say({ offset: 6, state: 'read', through: 4 });
    assert.deepEqual(client.inbox.list().map(({ read }) => read), [true, false, true], 'the second is unread since 5');
    say({ offset: 7, state: 'archived', items: [1] });
    socket.say({ type: 'withdrawn', epoch: EPOCH, offset: 8, items: [3], unread: 1, unseen: 0 });
    assert.deepEqual(offsets(), [2]);
    assert.equal(client.inbox.unread, 1);
    assert.equal(client.inbox.offset, 8);
  });

  test('what is unread already is not unread anew', () => {
    const { client, socket } = welcomed(2);
    const say = (frame) => socket.say({ type: 'state', epoch: EPOCH, unread: 1, unseen: 0, ...frame });
    say({ offset: 3, state: 'unread', items: [1] });
    say({ offset: 4, state: 'read', through: 2 });
    assert.deepEqual(client.inbox.list().map(({ read }) => read), [true, true]);
  });

  test('of its own: asked for, and shown when answered', () => {
    const { client, socket } = welcomed(2);
    client.mark('read', 1);
    const [mark] = socket.of('mark');
    assert.deepEqual(mark, { type: 'mark', id: mark.id, state: 'read', items: [1] });
    assert.equal(client.inbox.items.get(1).read, false);
    socket.say({ type: 'marked', id: mark.id, offset: 3, changed: true, unread: 1, unseen: 2 });
    assert.equal(client.inbox.items.get(1).read, true);
    assert.equal(client.inbox.unread, 1);
    client.mark('read', 1);
    assert.equal(socket.of('mark').length, 1, 'what is read already is not asked for again');
  });

  test('all read and all seen go through the offset of the client', () => {
    const { client, socket } = welcomed(2);
    client.seen();
    client.readAll();
    client.seen(); // asked for already
    assert.deepEqual(socket.of('mark').map(({ state, through }) => [state, through]), [['seen', 2], ['read', 2]]);
  });

  test('one that changed nothing does not swallow the change whose offset it tells', () => {
    const { client, told, offsets, socket } = welcomed(2);
    client.seen();
    socket.say({ type: 'marked', id: socket.of('mark')[0].id, offset: 3, changed: false, unread: 3, unseen: 0 });
    assert.equal(client.inbox.offset, 2);
    socket.say(notification(3)); // it was another's, and only late
    assert.deepEqual(offsets(), [3, 2, 1]);
    assert.deepEqual(told.notifications, ['id3']);
  });

  test('without an answer it is sent again after the next welcome', () => {
    const { client, socket } = welcomed(2);
    client.mark('read', 2);
    socket.drop();
    mock.timers.tick(30 * SECOND);
    FakeSocket.last.open();
    FakeSocket.last.welcome({ recovered: true, offset: 2 });
    assert.deepEqual(FakeSocket.last.of('mark'), socket.of('mark'));
  });

  test('without an answer for half a minute it is sent again', () => {
    const { client, socket } = welcomed(2);
    client.mark('read', 2);
    socket.say({ message: 'Internal server error', connectionId: 'c', requestId: 'r' });
    mock.timers.tick(30 * SECOND);
    const marks = socket.of('mark');
    assert.deepEqual([marks.length, marks[1]], [2, marks[0]]);
    socket.say({ type: 'marked', id: marks[0].id, offset: 3, changed: true, unread: 1, unseen: 1 });
    mock.timers.tick(60 * SECOND);
    assert.equal(socket.of('mark').length, 2);
  });

  test('a refused one is an error, and the connection goes on', () => {
    const { client, told, socket } = welcomed(1);
    client.mark('read', 1);
    socket.say({ type: 'error', id: socket.of('mark')[0].id, error: { code: 'not_found', message: 'gone', temporary: false } });
    assert.equal(told.errors[0].code, 'not_found');
    assert.equal(client.state, 'welcomed');
  });
});

describe('what else arrives', () => {
  test('live-only notifications are shown beside the log, and touch no offset', () => {
    const { client, told, socket } = welcomed(1);
    socket.say({ type: 'notification', event: event(7) });
    assert.deepEqual(told.notifications, ['id7']);
    assert.deepEqual(client.live.map(({ event: { id } }) => id), ['id7']);
    assert.equal(client.inbox.offset, 1);
    assert.equal(client.inbox.unread, 1);
    client.dismiss(client.live[0]);
    assert.deepEqual(client.live, []);
  });

  test('frames that it does not know do no harm', () => {
    const { client, told, socket } = welcomed(1);
    socket.say({ message: 'Internal server error', connectionId: 'c', requestId: 'r' });
    socket.say({ type: 'from-the-future' });
    socket.say('no JSON');
    socket.say('null');
    socket.say(notification(2));
    assert.deepEqual(told.notifications, ['id2']);
    assert.equal(client.state, 'welcomed');
  });

  test('an item leaves the list and the badge when it expires', () => {
    const { client, offsets, socket } = welcomed(1);
    socket.say(notification(2, { event: event(2, { expirytime: '2026-11-25T10:00:05Z' }) }));
    socket.say({ type: 'notification', event: event(9, { expirytime: '2026-11-25T10:00:06Z' }) });
    mock.timers.tick(4999);
    assert.deepEqual(offsets(), [2, 1]);
    mock.timers.tick(1);
    assert.deepEqual(offsets(), [1]);
    assert.equal(client.inbox.unread, 1);
    mock.timers.tick(SECOND);
    assert.deepEqual(client.live, []);
  });

  test('older items are asked for before the oldest', () => {
    const { client, offsets } = start();
    FakeSocket.last.open();
    FakeSocket.last.welcome({ offset: 9, items: [item(9), item(8)], more: true });
    client.older();
    const [list] = FakeSocket.last.of('list');
    assert.equal(list.before, 8);
    FakeSocket.last.say({ type: 'page', id: list.id, items: [item(7)], more: false });
    assert.deepEqual(offsets(), [9, 8, 7]);
    assert.equal(client.inbox.more, false);
  });

  test('another user behind the same cookie: nothing of the first one stays', () => {
    const { client, offsets, socket } = welcomed(2);
    socket.say({ type: 'notification', event: event(7) });
    client.mark('read', 1);
    socket.drop();
    mock.timers.tick(30 * SECOND);
    FakeSocket.last.open();
    FakeSocket.last.welcome({ user: 'grace', epoch: 'e9', offset: 1, items: [item(1)] });
    assert.equal(client.user, 'grace');
    assert.deepEqual([offsets(), client.live, FakeSocket.last.of('mark')], [[1], [], []]);
  });
});

describe('the connection', () => {
  test('a drop: connect again, and go on from the offset', () => {
    const { told, socket } = welcomed(2);
    socket.drop();
    assert.equal(told.states.at(-1), 'waiting');
    assert.equal(FakeSocket.all.length, 1);
    mock.timers.tick(0);
    assert.equal(FakeSocket.all.length, 2, 'at once, the first time');
    FakeSocket.last.open();
    assert.deepEqual(FakeSocket.last.hello, { type: 'hello', id: FakeSocket.last.hello.id, epoch: EPOCH, offset: 2 });
    FakeSocket.last.welcome({ recovered: true, offset: 3, items: [item(3)], unread: 3, unseen: 3 });
    assert.deepEqual(told.notifications, ['id3']);
  });

  test('pauses double up to 30 s, spread over their whole length', () => {
    assert.deepEqual([0, 1, 2, 5, 50].map((n) => backoff(n, () => 1)), [1000, 2000, 4000, 30_000, 30_000]);
    assert.equal(backoff(3, () => 0), 0);
  });

  test('pauses grow until a connection has lasted', () => {
    const { socket } = welcomed();
    const pauseAfter = (drop) => {
      const before = FakeSocket.all.length;
      drop();
      mock.timers.tick(0);
      for (let ms = 0; ; ms += 100) {
        if (FakeSocket.all.length > before) return ms;
        mock.timers.tick(100);
      }
    };
    assert.equal(pauseAfter(() => socket.drop()), 0);
    assert.equal(pauseAfter(() => FakeSocket.last.drop()), 1000);
    FakeSocket.last.open();
    FakeSocket.last.welcome();
    assert.equal(pauseAfter(() => FakeSocket.last.drop()), 2000, 'welcomed, but not for long');
    FakeSocket.last.open();
    FakeSocket.last.welcome();
    mock.timers.tick(10 * SECOND);
    assert.equal(pauseAfter(() => FakeSocket.last.drop()), 0);
  });

  test('a refused handshake: the page is asked whether the session still is', async () => {
    const { client, told } = start({ allowed: async () => false });
    FakeSocket.last.drop();
    await new Promise(setImmediate);
    assert.equal(client.state, 'stopped');
    assert.deepEqual(told.stops, [{ code: 'unauthorized', reason: 'the session has ended' }]);
    mock.timers.tick(60 * SECOND);
    assert.equal(FakeSocket.all.length, 1);
  });

  test('advice never: no new connection', () => {
    const { client, told, socket } = welcomed();
    socket.say({ type: 'disconnect', code: 'session_revoked', reason: 'ended', reconnect: 'never' });
    assert.equal(client.state, 'stopped');
    assert.equal(told.stops[0].code, 'session_revoked');
    mock.timers.tick(60 * SECOND);
    assert.equal(FakeSocket.all.length, 1);
  });

  test('advice now: at once', () => {
    const { socket } = welcomed();
    socket.say({ type: 'disconnect', code: 'unavailable', reason: 'moving', reconnect: 'now' });
    mock.timers.tick(0);
    assert.equal(FakeSocket.all.length, 2);
  });

  test('advice backoff: not before the seconds it names', () => {
    const { socket } = welcomed();
    socket.say({ type: 'disconnect', code: 'too_many_requests', reason: 'busy', reconnect: 'backoff', after: 20 });
    mock.timers.tick(20 * SECOND + 499);
    assert.equal(FakeSocket.all.length, 1);
    mock.timers.tick(1);
    assert.equal(FakeSocket.all.length, 2);
  });

  test('a hello beyond the limit goes out again after the time named, on the same connection', () => {
    const { client, told, socket, offsets } = welcomed(1);
    socket.say(notification(3)); // a gap
    const refused = socket.hello;
    socket.say({ type: 'error', id: refused.id, error: { code: 'too_many_requests', message: 'wait', temporary: true, after: 20 } });
    socket.say(notification(4));
    mock.timers.tick(20 * SECOND + 499);
    assert.equal(socket.of('hello').length, 2);
    mock.timers.tick(1);
    assert.equal(socket.of('hello').length, 3);
    assert.deepEqual({ ...socket.hello, id: 0 }, { ...refused, id: 0 });
    socket.welcome({ recovered: true, offset: 3, items: [item(2), item(3)], unread: 3, unseen: 3 });
    assert.deepEqual(offsets(), [4, 3, 2, 1]);
    assert.deepEqual([client.state, FakeSocket.all.length, told.errors], ['welcomed', 1, []]);
  });

  test('a first hello beyond the limit does, too', () => {
    const { client } = start();
    FakeSocket.last.open();
    FakeSocket.last.say({ type: 'error', id: FakeSocket.last.hello.id, error: { code: 'too_many_requests', message: 'wait', temporary: true, after: 20 } });
    mock.timers.tick(20 * SECOND + 500);
    assert.deepEqual([client.state, FakeSocket.last.of('hello').length, FakeSocket.all.length], ['open', 2, 1]);
    FakeSocket.last.welcome();
    assert.equal(client.state, 'welcomed');
  });

  test('a mark and a list beyond the limit go out again, and nobody is told', () => {
    const { client, told, socket } = welcomed(2);
    client.inbox.more = true;
    client.mark('read', 1);
    client.older();
    for (const type of ['mark', 'list']) {
      const frame = socket.of(type)[0];
      socket.say({ type: 'error', id: frame.id, error: { code: 'too_many_requests', message: 'wait', temporary: true, after: 2 } });
    }
    mock.timers.tick(2 * SECOND + 499);
    assert.deepEqual([socket.of('mark').length, socket.of('list').length], [1, 1]);
    mock.timers.tick(1);
    for (const type of ['mark', 'list']) assert.deepEqual(socket.of(type), Array(2).fill(socket.of(type)[0]));
    socket.say({ type: 'marked', id: socket.of('mark')[0].id, changed: true, offset: 3, unread: 1, unseen: 1 });
    assert.equal(client.inbox.items.get(1).read, true);
    mock.timers.tick(60 * SECOND);
    assert.equal(socket.of('mark').length, 2);
    assert.deepEqual(told.errors, []);
  });

  test('a ping when idle for about the keepalive, and a drop when no pong comes', () => {
    const { client, socket } = welcomed();
    mock.timers.tick(300 * SECOND);
    socket.say(notification(1)); // not idle: the wait starts again
    mock.timers.tick(500 * SECOND);
    assert.equal(socket.of('ping').length, 0);
    mock.timers.tick(13 * SECOND);
    assert.equal(socket.of('ping').length, 1);
    socket.say({ type: 'pong' });
    mock.timers.tick(20 * SECOND);
    assert.equal(client.state, 'welcomed');
    mock.timers.tick(513 * SECOND);
    mock.timers.tick(15 * SECOND);
    assert.equal(client.state, 'connecting');
    assert.equal(FakeSocket.all.length, 2);
  });

  test('wake connects at once, and stop for good', () => {
    const { client, socket } = welcomed();
    socket.drop();
    client.wake();
    assert.equal(FakeSocket.all.length, 2);
    client.stop();
    client.wake();
    mock.timers.tick(3600 * SECOND);
    assert.equal(FakeSocket.all.length, 2);
    assert.equal(client.state, 'stopped');
  });
});
