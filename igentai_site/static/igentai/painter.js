// When to paint: once a frame, however much arrives; and not at all while the view is paused.

const MOST_ENTRIES = 1000;

export class Painter {
  #handlers;
  #pending = nothing();
  #frame = 0;
  #paused = false;

  /** handlers: paint({sections, clear, entries}), taken(): all that came is dealt with, waiting(count) */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  get paused() {
    return this.#paused;
  }

  /** Something is to be painted; `counted`: so many new entries whoever looks would miss. */
  add({ sections, clear = false, entries = [], counted = entries.length }) {
    const pending = this.#pending;
    if (clear) Object.assign(pending, { clear: true, entries: [] });
    pending.entries.push(...entries);
    // Others would be off the page's end at once.
    if (pending.entries.length > MOST_ENTRIES) pending.entries = pending.entries.slice(-MOST_ENTRIES);
    pending.count += counted;
    Object.assign(pending.sections, sections);
    if (this.#paused) {
      this.#handlers.waiting(pending.count);
      this.#handlers.taken();
    } else if (!this.#frame) {
      this.#frame = requestAnimationFrame(() => this.show());
    }
  }

  /** Paint what has come so far, paused or not. */
  show() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const pending = this.#pending;
    this.#pending = nothing();
    this.#handlers.paint(pending);
    this.#handlers.taken();
    this.#handlers.waiting(0);
  }

  pause() {
    this.#paused = true;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#handlers.waiting(this.#pending.count);
    this.#handlers.taken();
  }

  resume() {
    this.#paused = false;
    this.show();
  }
}

function nothing() {
  return { sections: {}, clear: false, entries: [], count: 0 };
}
