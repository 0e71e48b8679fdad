// Which rows are shown.

import { byId, el } from './dom.js';
import { kindOf } from './describe.js';

const MOST_CHOICES = 200; // connections that the field suggests

export class Filters {
  #form = byId('filters');
  #rows;
  #known = { user: new Set(), function: new Set(), connection: new Set() };
  #now;

  constructor(rows, changed) {
    this.#rows = rows;
    this.#read();
    const apply = () => {
      this.#read();
      changed();
    };
    this.#form.addEventListener('input', apply);
    this.#form.addEventListener('reset', () => setTimeout(apply)); // the fields change after the event
    this.#form.addEventListener('submit', (event) => event.preventDefault());
  }

  /** Shows the rows of one connection. */
  only(connection) {
    this.#form.elements.connection.value = connection;
    this.#form.dispatchEvent(new Event('input'));
  }

  matches(row) {
    const { groups, user, fn, connection, text } = this.#now;
    const { group } = kindOf(row);
    return (!group || groups.includes(group))
      && (!user || this.#rows.userOf(row) === user)
      && (!fn || row.function === fn)
      && (!connection || row.connection.includes(connection))
      && (!text || textOf(row).includes(text));
  }

  /** Adds what a row names to the choices. */
  learn(row) {
    this.#offer('user', this.#rows.userOf(row), this.#form.elements.user);
    this.#offer('function', row.function, this.#form.elements.function);
    if (this.#known.connection.size < MOST_CHOICES) this.#offer('connection', row.connection, byId('connections'));
  }

  #offer(what, value, into) {
    if (!value || this.#known[what].has(value)) return;
    this.#known[what].add(value);
    const before = [...into.children].find((option) => option.value !== '' && option.value > value);
    into.insertBefore(el('option', { value, textContent: value }), before ?? null);
  }

  #read() {
    const fields = new FormData(this.#form);
    const field = (name) => fields.get(name).trim();
    this.#now = {
      groups: fields.getAll('group'), user: field('user'), fn: field('function'),
      connection: field('connection').replace('…', ''), text: field('text').toLowerCase(),
    };
    const { groups, ...others } = this.#now;
    byId('reset').hidden = groups.length === 5 && !Object.values(others).some(Boolean);
  }
}

function textOf(row) {
  return [row.function, row.route, row.detail, row.error, row.text, row.end?.text, row.status || ''].join(' ').toLowerCase();
}
