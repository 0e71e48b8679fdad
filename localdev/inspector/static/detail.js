// One event whole, beside the time line.

import { byId, el, icon } from './dom.js';
import { aboutOf, durationOf, kindOf, outcomeOf, sizeOf, timeOf } from './describe.js';
import { coloured } from './json.js';

export class Detail {
  #panel = byId('detail');
  #row = null;
  #version = -1;
  #rows;
  #only;
  #closed;

  /** only(connection) shows one connection's rows; closed() is told when it closes. */
  constructor(rows, { only, closed }) {
    this.#rows = rows;
    this.#only = only;
    this.#closed = closed;
    byId('detail-close').addEventListener('click', () => this.close());
    document.addEventListener('keydown', ({ key }) => key === 'Escape' && this.close());
  }

  close() {
    if (this.#panel.hidden) return;
    this.#panel.hidden = true;
    this.#row = null;
    this.#closed();
  }

  /** Shows a row; its payloads come from the service. */
  async open(row, { focus = false } = {}) {
    const fresh = this.#row !== row;
    this.#row = row;
    this.#version = row.version;
    this.#panel.hidden = false;
    const { label } = kindOf(row);
    byId('detail-title').replaceChildren(label, ' ', el('span', { className: 'soft' }, timeOf(row.at)));
    if (focus) byId('detail-title').focus();
    const parts = await Promise.all(partsOf(row).map(load));
    if (this.#row !== row || this.#version !== row.version) return;
    byId('detail-body').replaceChildren(this.#facts(row), ...(row.given ? [saving(row)] : []), ...parts.map(section));
    if (fresh) byId('detail-body').scrollTop = 0;
  }

  /** Shows the row anew if it is the one that is open. */
  changed(row) {
    if (row === this.#row) this.open(row);
  }

  #facts(row) {
    const { text, tone } = outcomeOf(row);
    const user = this.#rows.userOf(row);
    return el('dl', { className: 'facts' },
      ...fact('What', aboutOf(row)),
      ...fact('Outcome', text && el('span', { className: 'tag', 'data-tone': tone }, text)),
      ...fact('Error', row.error && el('span', { className: 'wrong' }, row.error)),
      ...fact('Took', row.took !== undefined && durationOf(row.took)),
      ...fact('User', user),
      ...fact('Connection', row.connection && this.#connection(row.connection)),
      ...fact('API', row.api && el('code', {}, row.api)),
      ...fact('Request', row.request && el('code', {}, row.request)));
  }

  #connection(id) {
    const only = el('button', { type: 'button', className: 'tool', 'data-testid': 'only' }, icon('only'), 'Only this one');
    only.addEventListener('click', () => this.#only(id));
    return el('span', { className: 'with-tools' }, el('code', {}, id), copying('Copy id', () => id), only);
  }
}

const fact = (name, value) => (value ? [el('dt', {}, name), el('dd', {}, value)] : []);

/** The payloads of a row: an invocation has two. */
function partsOf(row) {
  if (row.kind === 'invoke') {
    return [
      ...(row.given ? [{ title: 'Event', id: row.id, text: row.text }] : []),
      ...(row.end ? [{ title: 'Answer', id: row.end.id, text: row.end.text }] : []),
    ];
  }
  return row.text ? [{ title: row.kind === 'connect' ? 'Identity' : 'Message', id: row.id, text: row.text }] : [];
}

async function load(part) {
  const response = await fetch(`/_inspector/events/${part.id}`).catch(() => null);
  if (!response?.ok) return { ...part, note: 'The service keeps this event no more: this is its beginning.' };
  const { text, cut, size } = await response.json();
  return { ...part, text, size, note: cut ? 'Only its beginning is shown.' : '' };
}

function section({ title, text, size, note }) {
  return el('section', { className: 'payload', 'data-testid': `payload-${title.toLowerCase()}` },
    el('header', {}, el('h3', {}, title), el('span', { className: 'soft' }, size === undefined ? '' : sizeOf(size)), copying('Copy', () => text)),
    ...(note ? [el('p', { className: 'soft' }, note)] : []),
    el('pre', {}, el('code', {}, ...coloured(text || '(nothing)'))));
}

function saving(row) {
  const link = el('a', { className: 'tool strong', href: `/_inspector/events/${row.id}/payload`, 'data-testid': 'save', download: '' },
    icon('save'), 'Save for sam local invoke');
  return el('div', { className: 'saving' }, link,
    el('p', { className: 'soft' }, 'The file is what the function was given, unmasked: it may hold credentials of the service on this machine. ',
      el('code', {}, 'sam local invoke -e file')));
}

function copying(label, text) {
  const words = el('span', {}, label);
  const button = el('button', { type: 'button', className: 'tool', 'data-testid': label.toLowerCase().replace(' ', '-') }, icon('copy'), words);
  button.addEventListener('click', async () => {
    words.textContent = await navigator.clipboard.writeText(text()).then(() => 'Copied', () => 'Select it to copy');
    setTimeout(() => { words.textContent = label; }, 2000);
  });
  return button;
}
