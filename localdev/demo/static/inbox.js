// What a client knows of the user's log: the items, the counts, and the
// position up to which every change has been applied. Pure: no socket, no
// timers, no page.

export const MAX_COUNT = 100; // a count of this means this or more

/**
 * @typedef {object} Item
 * @property {number} offset where it was created: its name in a mark
 * @property {object} event the CloudEvent
 * @property {boolean} read
 * @property {boolean} seen
 * @property {number} unreadSince a mark through an offset reaches the item if this is not above it
 */

export class Inbox {
  epoch = '';
  offset = 0;
  unread = 0; // up to MAX_COUNT
  unseen = 0;
  seenThrough = 0; // every item up to this offset has been seen
  more = false; // there are older items than these
  /** @type {Map<number, Item>} by offset */
  items = new Map();

  /** The items, newest first. */
  list() {
    return [...this.items.values()].sort((a, b) => b.offset - a.offset);
  }

  /** The offset of the newest item; 0 for none. */
  newest() {
    return Math.max(0, ...this.items.keys());
  }

  /** Applies a welcome: what changed, or all anew. */
  welcome(frame) {
    const anew = !frame.recovered || frame.epoch !== this.epoch;
    if (anew) {
      this.items.clear();
      this.more = frame.more;
    }
    frame.items.forEach((item) => this.#put(item));
    this.#mark({ state: 'seen', through: frame.seen_through });
    this.#mark({ state: 'read', through: frame.read_through });
    this.#mark({ state: 'archived', through: frame.archived_through });
    this.seenThrough = frame.seen_through;
    this.epoch = frame.epoch;
    this.offset = frame.offset;
    this.#count(frame);
  }

  /** Adds a page of older items. */
  page(frame) {
    frame.items.filter((item) => !this.items.has(item.offset)).forEach((item) => this.#put(item));
    this.more = frame.more;
  }

  /** Whether the frame is the very next change. */
  isNext(frame) {
    return frame.epoch === this.epoch && frame.offset === this.offset + 1;
  }

  /** Whether the frame is a change that has been applied before. */
  isRepeat(frame) {
    return frame.epoch === this.epoch && frame.offset <= this.offset;
  }

  /** Applies the next change: a notification, state or withdrawn frame. */
  apply(frame) {
    this.offset = frame.offset;
    if (frame.type === 'notification') this.#put({ ...frame, read: false, seen: false });
    if (frame.type === 'state') this.#mark(frame);
    if (frame.state === 'seen') this.seenThrough = Math.max(this.seenThrough, frame.through ?? 0);
    if (frame.type === 'withdrawn') frame.items.forEach((offset) => this.items.delete(offset));
    this.#count(frame);
  }

  /** Takes away what has expired at this time (ms). */
  expire(now) {
    const gone = [...this.items.values()].filter((item) => expiryOf(item.event) <= now);
    for (const item of gone) {
      this.items.delete(item.offset);
      if (!item.read) this.unread = oneLess(this.unread);
      if (!item.seen) this.unseen = oneLess(this.unseen);
    }
    return gone.length > 0;
  }

  /** When the next item expires (ms); Infinity for never. */
  nextExpiry() {
    return Math.min(Infinity, ...[...this.items.values()].map((item) => expiryOf(item.event)));
  }

  // An item that the client has comes without its event when only its state
  // has changed; one that it has not, and gets no event of, is further down
  // the list than it has read.
  #put(item) {
    const event = item.event ?? this.items.get(item.offset)?.event;
    if (item.withdrawn || item.archived || !event) {
      this.items.delete(item.offset);
      return;
    }
    const { offset, read, seen } = item;
    this.items.set(offset, { offset, event, read, seen, unreadSince: item.unread_since ?? offset });
  }

  #mark({ state, items, through, offset }) {
    const reached = through
      ? (item) => (state === 'read' ? item.unreadSince : item.offset) <= through
      : (item) => items?.includes(item.offset);
    for (const item of this.items.values()) {
      if (reached(item)) this.#set(item, state, offset);
    }
  }

  #set(item, state, offset) {
    if (state === 'archived') {
      this.items.delete(item.offset);
      return;
    }
    if (state === 'unread' && item.read) item.unreadSince = offset; // one that is unread already stays as it is
    item.seen ||= state !== 'unread';
    if (state !== 'seen') item.read = state === 'read';
  }

  #count({ unread, unseen }) {
    if (unread !== undefined) this.unread = unread;
    if (unseen !== undefined) this.unseen = unseen;
  }
}

// One less than "100 or more" is not known.
function oneLess(count) {
  return count > 0 && count < MAX_COUNT ? count - 1 : count;
}

/** When an event expires (ms); Infinity for never. */
export function expiryOf(event) {
  const at = Date.parse(event.expirytime ?? '');
  return Number.isNaN(at) ? Infinity : at;
}
