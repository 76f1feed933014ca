// What people say of the entries on the page: asked for when they have said something, at most once a second.

import { fetchJson } from "./fetching.js";

const PAUSE = 1000;

export class Reviews {
  #address;
  #entries;
  #known;
  #told;
  #busy = false;

  /** `known`: how often they had said something when the page was made. */
  constructor(address, entries, known) {
    this.#address = address;
    this.#entries = entries;
    this.#known = known;
  }

  /** They have said something so many times. */
  follow(told) {
    this.#told = told;
    if (!this.#busy && told !== this.#known) this.#ask();
  }

  async #ask() {
    this.#busy = true;
    this.#known = this.#told;
    try {
      const { reviews, since } = await fetchJson(`${this.#address}?since=${this.#entries.oldest}`);
      this.#entries.mark(reviews, since);
    } catch {
      // What is there was true a moment ago; the next change asks again.
    }
    setTimeout(() => {
      this.#busy = false;
      this.follow(this.#told);
    }, PAUSE);
  }
}
