// The rows that the page has: made from events, an invocation's start and end
// in one, and no more than it can hold.

/** How many rows are kept; the oldest go first. */
export const MOST = 5000;

export class Rows {
  all = [];
  gone = 0; // how many were let go
  lastId = '';
  #running = new Map(); // invocations by request
  #users = new Map(); // by connection

  /** Takes an event; gives the row that is new, or the one that has changed. */
  add(event) {
    this.lastId = event.id;
    if (event.user && event.connection) this.#users.set(event.connection, event.user);
    const began = event.kind === 'invoke.end' && this.#running.get(event.request);
    if (began) {
      this.#finish(began, event);
      return { changed: began };
    }
    const row = rowOf(event);
    if (event.kind === 'invoke.start') this.#running.set(event.request, row);
    this.all.push(row);
    return { added: row };
  }

  #finish(row, event) {
    this.#running.delete(event.request);
    row.end = { id: event.id, text: event.text, size: event.size };
    row.took = event.took / 1e6;
    row.error = event.error ?? '';
    row.version++;
  }

  /** Lets the oldest go that are too many, and gives them. */
  trim() {
    const old = this.all.splice(0, Math.max(0, this.all.length - MOST));
    this.gone += old.length;
    for (const row of old) {
      if (this.#running.get(row.request) === row) this.#running.delete(row.request);
    }
    return old;
  }

  clear() {
    this.all = [];
    this.gone = 0;
    this.#running.clear();
  }

  /** The user of a row: of its event, or of its connection as learnt since. */
  userOf(row) { return row.user || this.#users.get(row.connection) || ''; }
}

function rowOf(event) {
  const invocation = event.kind.startsWith('invoke.');
  const late = event.kind === 'invoke.end'; // it began before the page listened
  const took = event.took === undefined ? undefined : event.took / 1e6;
  return {
    id: event.id, kind: invocation ? 'invoke' : event.kind, at: Date.parse(event.at) - (late ? took : 0),
    user: event.user ?? '', connection: event.connection ?? '', function: event.function ?? '', route: event.route ?? '',
    request: event.request ?? '', status: event.status ?? 0, detail: event.detail ?? '', error: event.error ?? '', api: event.api ?? '',
    took, size: event.size, text: event.text, given: event.kind === 'invoke.start',
    end: late ? { id: event.id, text: event.text, size: event.size } : null, version: 0,
  };
}
