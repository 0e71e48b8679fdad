// Timers by name: setting one again replaces it.

const LONGEST = 2 ** 31 - 1; // ms that setTimeout can wait

export class Timers {
  #running = new Map();

  /** Calls then after ms, unless the name is set again or cleared before. */
  set(name, ms, then) {
    this.clear(name);
    const done = () => {
      this.#running.delete(name);
      then();
    };
    this.#running.set(name, setTimeout(done, Math.min(LONGEST, Math.max(0, ms))));
  }

  has(name) {
    return this.#running.has(name);
  }

  /** Stops these timers; without names, all. */
  clear(...names) {
    for (const name of names.length > 0 ? names : this.#running.keys()) {
      clearTimeout(this.#running.get(name));
      this.#running.delete(name);
    }
  }
}
