// The stream of events. The browser comes back by itself, and says what it had;
// where it gives up, this begins anew after the last row.

const AGAIN = 2000; // ms

export class Stream {
  #handlers;
  #source = null;

  /** Handlers: row(event), skipped(count), state(name), last() gives the last id. */
  constructor(handlers) {
    this.#handlers = handlers;
    this.#open();
  }

  #open() {
    this.#source = new EventSource(`/_inspector/events?after=${encodeURIComponent(this.#handlers.last())}`);
    this.#source.addEventListener('open', () => this.#handlers.state('live'));
    this.#source.addEventListener('message', ({ data }) => this.#handlers.row(JSON.parse(data)));
    this.#source.addEventListener('skipped', ({ data }) => this.#handlers.skipped(Number(data)));
    this.#source.addEventListener('error', () => this.#failed());
  }

  #failed() {
    this.#handlers.state('waiting');
    if (this.#source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => this.#open(), AGAIN);
  }
}
