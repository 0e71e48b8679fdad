// The time line: of all the rows that are shown, only those in sight are
// elements. The grid keeps the focus, and names the active row.

import { avatar, byId, el, icon } from './dom.js';
import { aboutOf, barOf, durationOf, kindOf, outcomeOf, shortId, sizeOf, timeOf } from './describe.js';

const MARGIN = 8; // rows beyond the edge
const NEAR = 4; // px from the end that still count as the end

export class List {
  #grid = byId('grid');
  #lines = byId('lines');
  #shown = []; // rows
  #elements = new Map(); // row → element
  #users = []; // for their colours
  #active = null; // row
  #following = true;
  #drawing = false;
  #rows;
  #open;

  constructor(rows, open) {
    this.#rows = rows;
    this.#open = open;
    this.#grid.addEventListener('scroll', () => this.#scrolled());
    this.#grid.addEventListener('keydown', (event) => this.#pressed(event));
    this.#lines.addEventListener('click', ({ target }) => this.#clicked(target.closest('[role=row]')));
    byId('follow').addEventListener('click', () => this.#jump());
    new ResizeObserver(() => this.draw()).observe(this.#grid);
  }

  get length() { return this.#shown.length; }

  /** Shows these rows. */
  show(rows) {
    this.#shown = rows;
    if (!rows.includes(this.#active)) this.#active = null;
    this.draw();
  }

  add(row) { this.#shown.push(row); }

  has(row) { return this.#shown.lastIndexOf(row) >= 0; }

  /** Takes rows off the beginning; those in sight stay where they are. */
  dropped(old) {
    let n = 0;
    while (n < old.length && this.#shown.length > n && old.includes(this.#shown[n])) n++;
    this.#shown.splice(0, n);
    if (!this.#following && n > 0) this.#grid.scrollTop -= n * this.#height();
    if (old.includes(this.#active)) this.#active = null;
  }

  focus() { this.#grid.focus({ preventScroll: true }); }

  /** Draws with the next frame. */
  draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#drawNow();
    });
  }

  #height() { return parseFloat(getComputedStyle(this.#lines).getPropertyValue('--row')) * 16; }

  #drawNow() {
    const height = this.#height();
    this.#lines.style.height = `${this.#shown.length * height}px`;
    if (this.#following) this.#grid.scrollTop = this.#grid.scrollHeight;
    const first = Math.max(0, Math.floor(this.#grid.scrollTop / height) - MARGIN);
    const last = Math.min(this.#shown.length, Math.ceil((this.#grid.scrollTop + this.#grid.clientHeight) / height) + MARGIN);
    const wanted = new Map();
    for (let i = first; i < last; i++) wanted.set(this.#shown[i], i);
    for (const [row, element] of this.#elements) {
      if (wanted.has(row) && element.version === row.version) continue;
      element.remove();
      this.#elements.delete(row);
    }
    let before = null;
    for (const [row, i] of wanted) before = this.#place(row, { i, height, before });
    this.#mark();
    this.#grid.setAttribute('aria-rowcount', this.#shown.length + 1);
    byId('follow').hidden = this.#following || this.#shown.length === 0;
  }

  #place(row, { i, height, before }) {
    let element = this.#elements.get(row);
    if (!element) {
      element = this.#element(row);
      this.#elements.set(row, element);
    }
    if (before ? before.nextSibling !== element : this.#lines.firstChild !== element) {
      this.#lines.insertBefore(element, before ? before.nextSibling : this.#lines.firstChild);
    }
    element.style.transform = `translateY(${i * height}px)`;
    element.setAttribute('aria-rowindex', i + 2);
    return element;
  }

  #mark() {
    for (const [row, element] of this.#elements) element.setAttribute('aria-selected', row === this.#active);
    const active = this.#elements.get(this.#active);
    if (active) this.#grid.setAttribute('aria-activedescendant', active.id);
    else this.#grid.removeAttribute('aria-activedescendant');
  }

  #element(row) {
    const { label, group, icon: name } = kindOf(row);
    const { text, tone } = outcomeOf(row);
    const cell = (className, ...children) => el('span', { role: 'gridcell', className }, ...children);
    const line = el('div', { role: 'row', className: 'line', id: `row-${row.id}`, 'data-testid': 'row', 'data-kind': row.kind, 'data-group': group },
      cell('time', timeOf(row.at)),
      cell('what', icon(name), label),
      cell('who', ...this.#who(row)),
      cell('about', ...about(row)),
      cell('outcome', ...(text ? [el('span', { className: 'tag', 'data-tone': tone }, text)] : [])),
      cell('took', ...took(row)),
      cell('size', row.size ? sizeOf(row.size) : ''));
    line.version = row.version;
    return line;
  }

  #who(row) {
    const user = this.#rows.userOf(row);
    if (user && !this.#users.includes(user)) this.#users.push(user);
    return [
      ...(user ? [avatar(user, this.#users), el('span', { className: 'user' }, user)] : []),
      ...(row.connection ? [el('code', { title: row.connection }, shortId(row.connection))] : []),
    ];
  }

  // --- moving ------------------------------------------------------------------

  #scrolled() {
    this.#following = this.#grid.scrollTop + this.#grid.clientHeight >= this.#grid.scrollHeight - NEAR;
    this.draw();
  }

  #jump() {
    this.#following = true;
    this.#active = null;
    this.focus();
    this.draw();
  }

  #clicked(element) {
    const row = this.#shown.find(({ id }) => `row-${id}` === element?.id);
    if (!row) return;
    this.#activate(row);
    this.#open(row);
  }

  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' && this.#active) this.#open(this.#active, { focus: true });
    else if (!this.#moved(event.key)) return;
    event.preventDefault();
  }

  /** Moves to another row; false for a key that does not. */
  #moved(key) {
    const page = Math.max(1, Math.floor(this.#grid.clientHeight / this.#height()) - 2);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (!(key in steps)) return false;
    const last = this.#shown.length - 1;
    if (last < 0) return true;
    const from = this.#shown.indexOf(this.#active);
    const to = from < 0 ? last : Math.min(last, Math.max(0, from + steps[key]));
    this.#activate(this.#shown[to]);
    if (!byId('detail').hidden) this.#open(this.#active);
    return true;
  }

  #activate(row) {
    this.#active = row;
    const height = this.#height();
    const top = this.#shown.indexOf(row) * height;
    const head = this.#grid.firstElementChild.offsetHeight;
    if (top < this.#grid.scrollTop) this.#grid.scrollTop = top;
    const bottom = top + height + head;
    if (bottom > this.#grid.scrollTop + this.#grid.clientHeight) this.#grid.scrollTop = bottom - this.#grid.clientHeight;
    this.#following = false;
    this.#drawNow();
  }
}

function about(row) {
  const words = aboutOf(row);
  const text = row.error || (['recording', 'fault', 'refuse', 'disconnect', 'connect'].includes(row.kind) ? '' : row.text);
  return [
    ...(words ? [el('strong', {}, words)] : []),
    ...(text ? [el('code', { className: row.error ? 'wrong' : '' }, text.slice(0, 300))] : []),
  ];
}

function took(row) {
  if (row.took === undefined) return [];
  const bar = el('span', { className: 'bar-of' });
  bar.style.width = `${barOf(row.took) * 100}%`;
  return [el('span', {}, durationOf(row.took)), el('span', { className: 'track', 'aria-hidden': 'true' }, bar)];
}
