// The list of notifications. Rows are kept from one drawing to the next, so
// that the keyboard's focus stays where it is.

import { textOf } from './bell.js';
import { byId, el, icon } from './dom.js';

const URGENCIES = { 'very-low': 'Very low', low: 'Low', high: 'High' }; // normal goes without saying

export class List {
  #rows = new Map(); // by item key
  #list = byId('items');
  #actions;

  /** @param {{open: Function, archive: Function}} actions each takes the item */
  constructor(actions) {
    this.#actions = actions;
    setInterval(() => this.#tick(), 20_000);
  }

  /** Draws the live-only ones and the items, newest first. */
  show(live, items) {
    const all = [...live, ...items].sort((a, b) => timeOf(b) - timeOf(a) || (b.offset ?? 0) - (a.offset ?? 0));
    const focused = this.#focusedIndex();
    const rows = all.map((item) => this.#row(item));
    const kept = new Set(rows);
    for (const [key, row] of this.#rows) {
      if (kept.has(row)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    rows.forEach((row, i) => {
      if (this.#list.children[i] !== row) this.#list.insertBefore(row, this.#list.children[i] ?? null);
    });
    this.#refocus(focused);
    this.#list.hidden = all.length === 0;
    byId('empty').hidden = all.length > 0;
  }

  #row(item) {
    const key = item.offset ?? item.event;
    let row = this.#rows.get(key);
    if (!row) {
      row = this.#make(item, () => row.item);
      this.#rows.set(key, row);
    }
    row.item = item;
    const read = item.read ?? false;
    row.dataset.read = read;
    row.querySelector('.dot').textContent = read ? '' : 'Unread: ';
    return row;
  }

  #make(item, current) {
    const { title, body } = textOf(item.event);
    const { urgency } = item.event;
    const open = el('button', { type: 'button', className: 'open', 'data-testid': 'item-open', onclick: () => this.#actions.open(current()) },
      el('span', { className: 'dot' }),
      el('strong', { className: 'item-title' }, title),
      el('span', { className: 'item-body' }, body),
      el('span', { className: 'meta' }, when(item),
        ...(URGENCIES[urgency] ? [el('span', { className: 'tag' }, URGENCIES[urgency])] : []),
        ...(item.offset ? [] : [el('span', { className: 'tag live' }, 'Live only')])));
    const archive = el('button', {
      type: 'button', className: 'round', 'data-testid': 'item-archive', 'aria-label': `Put away: ${title}`, title: 'Put away',
      onclick: () => this.#actions.archive(current()),
    }, icon('archive'));
    return el('li', {
      className: 'item', 'data-testid': 'item', 'data-urgency': urgency ?? 'normal', 'data-offset': item.offset ?? 'live',
    }, open, archive);
  }

  // A row that goes away with the focus in it hands it to the next.
  #focusedIndex() {
    return [...this.#list.children].findIndex((row) => row.contains(document.activeElement));
  }

  #refocus(index) {
    if (index < 0 || this.#list.contains(document.activeElement)) return;
    const row = this.#list.children[Math.min(index, this.#list.children.length - 1)];
    (row?.querySelector('.open') ?? byId('inbox-title')).focus();
  }

  #tick() {
    this.#list.querySelectorAll('time').forEach((time) => {
      time.textContent = ago(Date.parse(time.dateTime));
    });
  }
}

const timeOf = ({ event }) => Date.parse(event.time) || 0;

function when(item) {
  const at = timeOf(item) || Date.now();
  return el('time', { dateTime: new Date(at).toISOString(), title: new Date(at).toLocaleString() }, ago(at));
}

function ago(at) {
  const seconds = Math.round((Date.now() - at) / 1000);
  if (seconds < 45) return 'just now';
  const units = [['minute', 60, 3600], ['hour', 3600, 86_400], ['day', 86_400, Infinity]];
  const [unit, size] = units.find(([, , below]) => seconds < below);
  return new Intl.RelativeTimeFormat('en', { style: 'short' }).format(-Math.max(1, Math.round(seconds / size)), unit);
}
