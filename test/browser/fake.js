// The other side of the page's client: a socket and a clock that a test plays.

import { afterEach, beforeEach, mock } from 'node:test';
import { Bellhop } from '../../localdev/demo/static/bellhop.js';

export const EPOCH = 'e1';
export const SECOND = 1000;

export class FakeSocket {
  static all = [];
  static get last() { return FakeSocket.all.at(-1); }

  readyState = 0;
  sent = [];

  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
    FakeSocket.all.push(this);
  }

  send(text) { this.sent.push(JSON.parse(text)); }
  close() { this.readyState = 3; }

  // What the other side does.
  open() {
    this.readyState = 1;
    this.onopen({});
  }

  say(frame) { this.onmessage({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) }); }
  drop() {
    this.readyState = 3;
    this.onclose({});
  }

  /** The frames of a type that the client has sent on this socket. */
  of(type) { return this.sent.filter((frame) => frame.type === type); }
  get hello() { return this.of('hello').at(-1); }
  welcome(fields = {}) { this.say(welcome({ id: this.hello.id, ...fields })); }
}

export const event = (n, more = {}) => ({ id: `id${n}`, source: 'test', type: 'test', time: '2026-11-25T10:00:00Z', data: { title: `n${n}` }, ...more });
export const item = (offset, more = {}) => ({ offset, event: event(offset), read: false, seen: false, archived: false, ...more });
export const notification = (offset, more = {}) => ({ type: 'notification', epoch: EPOCH, offset, event: event(offset), unread: offset, unseen: offset, ...more });
export const welcome = (fields) => ({
  type: 'welcome', user: 'ada', epoch: EPOCH, offset: 0, recovered: false, items: [], more: false,
  unread: 0, unseen: 0, seen_through: 0, read_through: 0, archived_through: 0, keepalive: 540, expires: '2026-11-26T10:00:00Z', ...fields,
});

/** A started client, and what it told. */
export function start(options = {}) {
  const client = new Bellhop({ url: 'ws://test', WebSocket: FakeSocket, random: () => 0.5, ...options });
  const told = { notifications: [], states: [], stops: [], errors: [], changes: 0 };
  client.addEventListener('change', () => { told.changes++; });
  client.addEventListener('notification', ({ detail }) => told.notifications.push(detail.event.id));
  client.addEventListener('state', ({ detail }) => told.states.push(detail));
  client.addEventListener('stop', ({ detail }) => told.stops.push(detail));
  client.addEventListener('error', ({ detail }) => told.errors.push(detail));
  client.start();
  return { client, told, offsets: () => client.inbox.list().map(({ offset }) => offset) };
}

/** A client that has been welcomed with the items 1 to n. */
export function welcomed(n = 0, options = {}) {
  const started = start(options);
  FakeSocket.last.open();
  const items = Array.from({ length: n }, (_, i) => item(n - i));
  FakeSocket.last.welcome({ offset: n, items, unread: n, unseen: n });
  return { ...started, socket: FakeSocket.last };
}

/** Has every test of the file begin without sockets, and play its own time. */
export function playTime() {
  beforeEach(() => {
    FakeSocket.all = [];
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.parse('2026-11-25T10:00:00Z') });
  });
  afterEach(() => mock.timers.reset());
}
