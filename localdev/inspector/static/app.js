// The inspector: what comes from the service, and where on the page it goes.
// Read rows.js first, then list.js and detail.js.

import { byId } from './dom.js';
import { Detail } from './detail.js';
import { Filters } from './filters.js';
import { List } from './list.js';
import { MOST, Rows } from './rows.js';
import { Stream } from './stream.js';

const STATES = { live: 'Live', waiting: 'Reconnecting…', paused: 'Paused' };
const CLEARED = 'bellhop-inspector-cleared'; // the last row that was cleared, for a reload
const QUIET = 700; // ms without a change of the filters before their effect is told

class App {
  #rows = new Rows();
  #filters = new Filters(this.#rows, () => this.#filter());
  #list = new List(this.#rows, (row, options) => this.#detail.open(row, options));
  #detail = new Detail(this.#rows, { only: (connection) => this.#filters.only(connection), closed: () => this.#list.focus() });
  #state = 'connecting';
  #waiting = null; // events, while paused
  #skipped = 0;
  #telling = 0;
  #counting = false;

  constructor() {
    this.#rows.lastId = sessionStorage.getItem(CLEARED) ?? '';
    byId('pause').addEventListener('click', () => this.#pause());
    byId('clear').addEventListener('click', () => this.#clear());
    new Stream({
      last: () => this.#last(),
      row: (event) => this.#take(event),
      skipped: (count) => this.#skip(count),
      state: (name) => this.#enter(name),
    });
    this.#count();
  }

  #last() { return this.#waiting?.at(-1)?.id ?? this.#rows.lastId; }

  // --- rows --------------------------------------------------------------------

  #take(event) {
    if (this.#waiting) {
      this.#waiting.push(event);
      if (this.#waiting.length > MOST) this.#skipped += this.#waiting.splice(0, this.#waiting.length - MOST).length;
    } else {
      this.#add(event);
    }
    this.#count();
  }

  #add(event) {
    const { added, changed } = this.#rows.add(event);
    if (added) this.#filters.learn(added);
    if (added && this.#filters.matches(added)) this.#list.add(added);
    if (changed.some((row) => this.#filters.matches(row) && !this.#list.has(row))) this.#show();
    for (const row of changed) this.#detail.changed(row);
    this.#list.dropped(this.#rows.trim());
    this.#list.draw();
  }

  #show() {
    this.#list.show(this.#rows.all.filter((row) => this.#filters.matches(row)));
    this.#count();
  }

  #filter() {
    this.#show();
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => announce(`${number(this.#list.length)} of ${number(this.#rows.all.length)} rows shown.`), QUIET);
  }

  #skip(count) {
    this.#skipped += count;
    this.#count();
    announce(`${number(count)} rows were skipped: this page was too slow for them.`);
  }

  #clear() {
    sessionStorage.setItem(CLEARED, this.#last());
    this.#rows.clear();
    this.#skipped = 0;
    if (this.#waiting) this.#waiting = [];
    this.#detail.close();
    this.#filter();
  }

  // --- pausing -----------------------------------------------------------------

  #pause() {
    const events = this.#waiting;
    this.#waiting = events ? null : [];
    for (const event of events ?? []) this.#add(event);
    byId('pause').querySelector('use').setAttribute('href', events ? '#i-pause' : '#i-resume');
    byId('pause').querySelector('span').textContent = events ? 'Pause' : 'Resume';
    announce(events ? 'Resumed.' : 'Paused. What happens meanwhile is kept.');
    this.#enter(this.#state);
    this.#count();
  }

  #enter(state) {
    this.#state = state;
    const shown = this.#waiting && state === 'live' ? 'paused' : state;
    byId('state').dataset.state = shown;
    byId('state').textContent = STATES[shown] ?? 'Connecting…';
  }

  // --- words below and in place of the rows -------------------------------------

  /** Says them with the next frame: many rows may come before it. */
  #count() {
    if (this.#counting) return;
    this.#counting = true;
    requestAnimationFrame(() => {
      this.#counting = false;
      this.#countNow();
    });
  }

  #countNow() {
    const all = this.#rows.all.length;
    const shown = this.#list.length;
    const waiting = this.#waiting?.length ?? 0;
    byId('count').textContent = [
      shown === all ? `${number(all)} rows` : `${number(shown)} of ${number(all)} rows`,
      ...(waiting ? [`${number(waiting)} waiting`] : []),
    ].join(', ');
    const gone = [
      ...(this.#rows.gone ? [`the oldest ${number(this.#rows.gone)} were let go: this page keeps ${number(MOST)}`] : []),
      ...(this.#skipped ? [`${number(this.#skipped)} rows skipped`] : []),
    ].join('; ');
    byId('gone').textContent = gone;
    byId('gone').hidden = !gone;
    byId('empty').hidden = shown > 0;
    byId('empty-text').textContent = all > 0 ? 'Nothing passes these filters.' : 'All quiet.';
    byId('empty-hint').hidden = all > 0;
  }
}

const number = (n) => n.toLocaleString('en');

function announce(text) {
  byId('announcer').textContent = text;
}

new App();
