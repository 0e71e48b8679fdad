// A client of bellhop.v1: it keeps a user's notifications in step with the
// service, over whatever the network does.
//
//            start            onopen          welcome
//   stopped ───────► connecting ─────► open ─────────► welcomed
//      ▲                 ▲  │            │                 │
//      │                 │  └────────────┴── closed ───────┤
//      │ never           └──────────── waiting ◄───────────┘
//      └─────────────────────────────────┘
//
// Promises: every stored notification is told once, in the order of the log,
// however often the connection drops. Changes are applied in offset order:
// repeats are dropped, and a gap is closed by saying hello again. Nothing is
// applied between a hello and its welcome: what comes meanwhile is held and
// sorted in after it, so that a push which overtakes the welcome is not lost.
//
// Events (all without bubbling; `detail` as told):
//   state         "connecting" | "open" | "welcomed" | "waiting" | "stopped"
//   change        the list or the counts are different
//   notification  {event, offset?}: a new one, while connected or missed; no
//                 offset means that it is live-only
//   stop          {code, reason}: the service wants no new connection
//   error         {code, message, temporary}: a frame was refused. One that is
//                 refused for now, with a time to wait, is sent again after it.

import { Inbox, expiryOf } from './inbox.js';
import { Timers } from './timers.js';

const SUBPROTOCOL = 'bellhop.v1';
const SECOND = 1000;
const ANSWER_WITHIN = 15 * SECOND; // handshake, welcome, pong
const FIRST_PAUSE = SECOND;
const LONGEST_PAUSE = 30 * SECOND;
const ASK_AGAIN = 30 * SECOND; // a mark that has no answer
const STEADY = 10 * SECOND; // a connection that lasted this long was a good one
const HELLOS = 5; // in a row that close no gap, before the list is fetched anew
const MAX_LIVE = 20; // live-only notifications kept
const MAX_MARKS = 50; // that wait for their answers

/** A pause before the attempt-th try (from 0): full jitter, so that clients spread. */
export function backoff(attempt, random = Math.random) {
  return random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt);
}

export class Bellhop extends EventTarget {
  state = 'stopped';
  user = '';
  inbox = new Inbox();
  /** @type {{event: object}[]} live-only ones, newest first */
  live = [];

  #options;
  #socket = null;
  #timers = new Timers();
  #attempts = 0; // to connect, since the last good connection
  #welcomed = 0; // when (ms)
  #keepalive = 0; // ms
  #ids = 0;
  #asking = ''; // the id of the hello that has no welcome yet
  #anew = false; // that hello asks for all anew
  #list = null; // the latest list frame
  #hellos = 0; // since the last one that closed every gap
  #held = new Map(); // changes that wait for their turn, by offset
  #marks = new Map(); // marks without an answer, by id
  #advice = null; // the disconnect frame of this connection

  /**
   * @param {object} options
   * @param {string} options.url ws: or wss:
   * @param {() => Promise<boolean>} [options.allowed] asked after a refused
   *   handshake, of which a browser tells nothing: false stops the client
   * @param {typeof WebSocket} [options.WebSocket]
   * @param {() => number} [options.random]
   */
  constructor(options) {
    super();
    this.#options = { WebSocket: globalThis.WebSocket, random: Math.random, allowed: async () => true, ...options };
  }

  /** Connects, and stays connected until stop. */
  start() {
    if (this.state === 'stopped') this.#connect();
  }

  /** Closes the connection for good. */
  stop() {
    this.#end();
    this.#timers.clear();
    this.#to('stopped');
  }

  /** Connects at once instead of after the pause: the network is back, or the user. */
  wake() {
    if (this.state === 'waiting') this.#connect();
    else if (this.state === 'welcomed') this.#ping();
  }

  /** Marks one item: "read", "unread" or "archived". */
  mark(state, offset) {
    const item = this.inbox.items.get(offset);
    if (!item || (state === 'read') === item.read && state !== 'archived') return;
    this.#mark({ state, items: [offset] });
  }

  /** Marks everything up to here read. */
  readAll() {
    if (this.inbox.unread > 0) this.#mark({ state: 'read', through: this.inbox.offset });
  }

  /** Marks everything up to here seen: the user has the list before them. */
  seen() {
    const newest = this.inbox.newest();
    if (newest > this.inbox.seenThrough) this.#mark({ state: 'seen', through: newest });
  }

  /** Asks for the next page of older items. */
  older() {
    const before = Math.min(...this.inbox.items.keys());
    if (!this.inbox.more || !Number.isFinite(before)) return;
    this.#list = { type: 'list', id: this.#id(), before };
    this.#send(this.#list);
  }

  /** Drops a live-only notification, which only this page has. */
  dismiss(notification) {
    this.live = this.live.filter((other) => other !== notification);
    this.#changed();
  }

  // --- the connection -------------------------------------------------------

  #connect() {
    this.#timers.clear('reconnect');
    this.#advice = null;
    const socket = new this.#options.WebSocket(this.#options.url, [SUBPROTOCOL]);
    const current = (handle) => (event) => socket === this.#socket && handle(event);
    socket.onopen = current(() => {
      this.#to('open');
      this.#hello();
    });
    socket.onmessage = current(({ data }) => this.#receive(data));
    socket.onclose = current(() => this.#lost());
    this.#socket = socket;
    this.#timers.set('answer', ANSWER_WITHIN, () => this.#lost());
    this.#to('connecting');
  }

  // The socket is closed here too: it may be half open, and its own onclose
  // may take minutes.
  async #lost() {
    const refused = this.state === 'connecting';
    const welcomed = this.state === 'welcomed';
    const advice = this.#advice;
    this.#end();
    if (welcomed && Date.now() - this.#welcomed >= STEADY) this.#attempts = 0;
    if (advice?.reconnect === 'never') {
      this.#refused(advice);
      return;
    }
    const pause = this.#pause(advice, welcomed);
    this.#attempts++;
    this.#to('waiting');
    this.#timers.set('reconnect', pause, () => this.#connect());
    if (refused) await this.#ask();
  }

  // At once the first time, if the service does not ask to wait.
  #pause(advice, welcomed) {
    if (welcomed && this.#attempts === 0 && advice?.reconnect !== 'backoff') return 0;
    return (advice?.after ?? 0) * SECOND + backoff(this.#attempts, this.#options.random);
  }

  async #ask() {
    const allowed = await this.#options.allowed().catch(() => true);
    if (!allowed && this.state === 'waiting') this.#refused({ code: 'unauthorized', reason: 'the session has ended' });
  }

  #refused({ code, reason }) {
    this.stop();
    this.#tell('stop', { code, reason });
  }

  // end leaves nothing of the connection. Marks without an answer stay: the
  // next connection sends them again, for to mark twice is to mark once.
  #end() {
    const socket = this.#socket;
    this.#socket = null;
    this.#timers.clear();
    this.#watchExpiry();
    this.#asking = '';
    this.#held.clear();
    socket?.close();
  }

  #to(state) {
    if (state === this.state) return;
    this.state = state;
    this.#tell('state', state);
  }

  // --- frames ---------------------------------------------------------------

  #receive(data) {
    this.#rest();
    const frame = parse(data);
    switch (frame?.type) {
      case 'welcome':
        return this.#welcome(frame);
      case 'notification':
        return frame.offset ? this.#change(frame) : this.#liveOnly(frame);
      case 'state':
      case 'withdrawn':
        return this.#change(frame);
      case 'marked':
        return this.#marked(frame);
      case 'page':
        this.inbox.page(frame);
        return this.#changed();
      case 'pong':
        return this.#timers.clear('pong');
      case 'disconnect':
        this.#advice = frame;
        return this.#lost();
      case 'error':
        return this.#failed(frame);
    }
    // Anything else is not for us: a newer type, or the gateway's own
    // {"message", "connectionId", "requestId"}, which has none.
  }

  #send(frame) {
    if (this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(frame));
    this.#rest();
    return true;
  }

  #id() {
    return String(++this.#ids);
  }

  #hello({ anew = false } = {}) {
    const { epoch, offset } = this.inbox;
    this.#timers.clear('hello');
    this.#asking = this.#id();
    this.#anew = anew;
    this.#timers.set('answer', ANSWER_WITHIN, () => this.#lost());
    this.#send({ type: 'hello', id: this.#asking, ...(epoch && !anew && { epoch, offset }) });
  }

  #welcome(frame) {
    if (frame.id !== this.#asking) return;
    this.#asking = '';
    this.#timers.clear('answer');
    this.#meet(frame.user);
    const { epoch, offset, items } = this.inbox;
    const before = { epoch, offset, known: new Set(items.keys()) };
    this.#keepalive = frame.keepalive * SECOND;
    this.inbox.welcome(frame);
    this.#announceMissed(before);
    this.#drain();
    this.#changed();
    if (this.state === 'open') this.#arrive();
    if (frame.recovered && frame.more) this.#hello({ anew: frame.offset <= offset });
    else this.#closeGap();
    this.#rest();
  }

  // The cookie may be another user's by now: nothing of the one before stays.
  #meet(user) {
    if (this.user && user !== this.user) {
      this.inbox = new Inbox();
      this.live = [];
      this.#marks.clear(); // none has a timer before the welcome
    }
    this.user = user;
  }

  #arrive() {
    this.#welcomed = Date.now();
    this.#to('welcomed');
    this.#marks.forEach((mark) => this.#sendMark(mark));
  }

  // What was missed is news as well, but for the first page of all.
  #announceMissed({ epoch, offset, known }) {
    if (epoch !== this.inbox.epoch) return;
    const isNew = (item) => item.offset > offset && !known.has(item.offset) && !item.read;
    const missed = this.inbox.list().filter(isNew);
    missed.reverse().forEach((item) => this.#tell('notification', item));
  }

  // --- changes, in order ----------------------------------------------------

  #change(frame) {
    if (this.inbox.isRepeat(frame)) return;
    this.#held.set(frame.offset, frame);
    if (this.#asking) return;
    this.#drain();
    this.#changed();
    this.#closeGap();
  }

  #drain() {
    for (const [offset, frame] of [...this.#held].sort(([a], [b]) => a - b)) {
      if (this.inbox.isNext(frame)) this.#apply(frame);
      else if (!this.inbox.isRepeat(frame)) continue;
      this.#held.delete(offset);
    }
  }

  #apply(frame) {
    this.inbox.apply(frame);
    const item = frame.type === 'notification' && this.inbox.items.get(frame.offset);
    if (item) this.#tell('notification', item);
  }

  // A held change has none before it: ask for what lies between. The first
  // time at once, then with growing pauses, and in the end for all anew.
  #closeGap() {
    if (this.#held.size === 0) this.#hellos = 0;
    if (this.#held.size === 0 || this.#timers.has('hello')) return;
    const tries = this.#hellos++;
    if (tries >= HELLOS) {
      this.#held.clear();
      this.#hellos = 0;
      this.#hello({ anew: true });
    } else if (tries === 0) {
      this.#hello();
    } else {
      this.#timers.set('hello', backoff(tries, this.#options.random) / 10, () => this.#hello());
    }
  }

  // --- marks ----------------------------------------------------------------

  #mark(mark) {
    const asks = ({ state, items, through }) => `${state} ${items} ${through}`;
    const asked = [...this.#marks.values()].some((other) => asks(other) === asks(mark));
    if (asked || this.#marks.size >= MAX_MARKS) return;
    const frame = { type: 'mark', id: this.#id(), ...mark };
    this.#marks.set(frame.id, frame);
    if (this.state === 'welcomed') this.#sendMark(frame);
  }

  #sendMark(frame) {
    this.#send(frame);
    this.#timers.set(`mark ${frame.id}`, ASK_AGAIN, () => this.#sendMark(frame));
  }

  #answered(id) {
    const mark = this.#marks.get(id);
    this.#marks.delete(id);
    this.#timers.clear(`mark ${id}`);
    return mark;
  }

  // The answer stands for the change that the other devices are told of. Where
  // nothing had to change, its offset is another's, and moves nothing here.
  #marked(frame) {
    const mark = this.#answered(frame.id);
    if (mark && frame.changed) this.#change({ ...mark, ...frame, type: 'state', epoch: this.inbox.epoch });
  }

  #failed(frame) {
    if (frame.id && frame.error.after && this.#postpone(frame)) return;
    this.#answered(frame.id);
    if (frame.id && frame.id === this.#asking) return this.#lost();
    this.#tell('error', frame.error);
  }

  // A frame beyond a limit goes out again after the time that the service names,
  // and a random part. Until a hello does, changes wait as they do for its welcome.
  #postpone({ id, error }) {
    const pause = error.after * SECOND + backoff(0, this.#options.random);
    if (id === this.#asking) {
      this.#timers.clear('answer');
      this.#timers.set('hello', pause, () => this.#hello({ anew: this.#anew }));
    } else if (this.#marks.has(id)) {
      this.#timers.set(`mark ${id}`, pause, () => this.#sendMark(this.#marks.get(id)));
    } else if (id === this.#list?.id) {
      this.#timers.set('list', pause, () => this.#send(this.#list));
    } else {
      return false;
    }
    return true;
  }

  // --- live-only, expiry, idling --------------------------------------------

  #liveOnly({ event }) {
    const notification = { event };
    this.live = [notification, ...this.live].slice(0, MAX_LIVE);
    this.#tell('notification', notification);
    this.#changed();
  }

  #changed() {
    this.#watchExpiry();
    this.#tell('change');
  }

  #watchExpiry() {
    const next = Math.min(this.inbox.nextExpiry(), ...this.live.map(({ event }) => expiryOf(event)));
    this.#timers.clear('expiry');
    if (next < Infinity) this.#timers.set('expiry', next - Date.now(), () => this.#expire());
  }

  #expire() {
    const now = Date.now();
    this.inbox.expire(now);
    this.live = this.live.filter(({ event }) => expiryOf(event) > now);
    this.#changed();
  }

  // Every frame, either way, starts the wait for the next ping again. Jitter
  // keeps clients that were welcomed together from pinging together.
  #rest() {
    if (this.#keepalive === 0 || this.state !== 'welcomed') return;
    this.#timers.set('idle', this.#keepalive * (0.9 + this.#options.random() * 0.1), () => this.#ping());
  }

  #ping() {
    if (this.#timers.has('pong')) return;
    if (this.#send({ type: 'ping' })) this.#timers.set('pong', ANSWER_WITHIN, () => this.#lost());
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
