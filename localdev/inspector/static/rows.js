// The rows that the page has: made from events, an invocation's start and end
// in one, and no more than it can hold.

/** How many rows are kept; the oldest go first. */
export const MOST = 5000;

const BEFORE = 50; // how many of the latest rows may wait for their connection's user

export class Rows {
  all = [];
  gone = 0; // how many were let go
  lastId = '';
  #running = new Map(); // invocations by request
  #users = new Map(); // by connection

  /** Takes an event; gives the row that is new, if one is, and those that have changed. */
  add(event) {
    this.lastId = event.id;
    const changed = this.#learn(event);
    const began = event.kind === 'invoke.end' && this.#running.get(event.request);
    if (began) {
      this.#finish(began, event);
      return { changed: [...changed, began] };
    }
    const row = rowOf(event);
    if (event.kind === 'invoke.start') this.#running.set(event.request, row);
    this.all.push(row);
    return { added: row, changed };
  }

  /** Learns the user of a connection, and gives the rows that are theirs, too. */
  #learn({ connection, user }) {
    if (!user || !connection || this.#users.has(connection)) return [];
    this.#users.set(connection, user);
    const theirs = this.all.slice(-BEFORE).filter((row) => row.connection === connection);
    for (const row of theirs) row.version++;
    return theirs;
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
