// What the page shows beside its entries, section by section: each comes only when it has changed.

export class Sections {
  #marks;

  constructor(marks) {
    this.#marks = { ...marks };
  }

  /** {news: the sections that are new to us, behind: whether another has changed that is not in the delta}. */
  take(delta) {
    const news = {};
    let behind = false;
    for (const [name, mark] of Object.entries(delta.marks)) {
      if (this.#marks[name] === mark) continue;
      if (!(name in delta)) {
        behind = true;
        continue;
      }
      this.#marks[name] = mark;
      news[name] = delta[name];
    }
    return { news, behind };
  }
}
