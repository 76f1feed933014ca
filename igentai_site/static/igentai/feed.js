// Which entries to paint: every one exactly once, whatever the connection does. Knows no page and no socket.

const NOTHING = { stale: false, replaced: false, jumped: false, skipped: 0, entries: [], behind: false };

export class Feed {
  #cursor;
  #list;
  #known; // the highest id that we have heard of
  #asked = null; // what was known when the replay was asked for that is not answered yet

  constructor(cursor, list) {
    this.#cursor = cursor;
    this.#list = list;
    this.#known = cursor;
  }

  /** The question to ask on a new connection, and whenever something was missed. */
  ask() {
    this.#asked = this.#known;
    return { type: "replay", cursor: this.#cursor };
  }

  /** A replay that could not be answered. */
  forgetQuestion() {
    this.#asked = null;
  }

  /**
   * What the delta means: {stale, replaced, jumped, skipped, entries, behind}; `jumped`: so much was missed that the
   * entries stand for themselves, and `skipped` of them are not here; `behind`: ask for a replay.
   */
  take(delta) {
    const answered = delta.replay ? this.#asked : null;
    if (delta.replay) this.#asked = null;
    if (delta.list < this.#list) return { ...NOTHING, stale: true, behind: delta.replay };
    const replaced = delta.list > this.#list;
    this.#list = delta.list;
    this.#known = Math.max(this.#known, delta.from, delta.to);
    const jumped = this.#jumps(delta);
    const entries = this.#unseen(delta);
    if (answered !== null && !delta.more) {
      // Ids are the order of commits: what the whole replay has not shown does not exist any more.
      this.#cursor = Math.max(this.#cursor, answered);
    }
    const skipped = jumped ? delta.skipped : 0;
    return { stale: false, replaced, jumped, skipped, entries, behind: this.#known > this.#cursor || delta.more };
  }

  get waits() {
    return this.#asked !== null;
  }

  #jumps(delta) {
    return Boolean(delta.skipped) && delta.from <= this.#cursor && this.#cursor < delta.attributes[0].id;
  }

  #unseen(delta) {
    if (delta.from > this.#cursor) return [];
    const entries = delta.attributes.filter((entry) => entry.id > this.#cursor);
    this.#cursor = Math.max(this.#cursor, delta.to);
    return entries;
  }
}
