// The parts of the topic: fetched when somebody opens them, and again, now and then, while they are open.

import { fill, keyed, one, setText } from "./dom.js";
import { fetchJson } from "./fetching.js";

const AGAIN = 5000;

export class Parts {
  #place = one("[data-parts]");
  #base;
  #old = true;
  #timer = 0;

  constructor(base) {
    this.#base = base;
    this.#place.addEventListener("toggle", () => this.refresh(true));
  }

  /** What is shown is old: fetch it anew, if it is seen at all. */
  refresh(now = false) {
    this.#old = true;
    if (now) {
      clearTimeout(this.#timer);
      this.#timer = 0;
    }
    if (!this.#place.open || this.#timer) return;
    this.#timer = setTimeout(() => this.#load(), now ? 0 : AGAIN);
  }

  async #load() {
    if (document.hidden || !this.#place.open) {
      this.#timer = 0;
      return;
    }
    this.#old = false;
    const words = one("[data-parts-words]");
    try {
      const { parts } = await fetchJson(this.#place.dataset.url);
      keyed(one("[data-part-rows]"), "part-row", parts, (part) => part.id, (row, part) => this.#fill(row, part));
      setText(words, parts.length > 0 ? "" : "The topic is not divided: every producer is asked for the whole of it.");
      words.hidden = parts.length > 0;
    } catch (error) {
      words.hidden = false;
      setText(words, error.message);
    }
    this.#timer = 0;
    if (this.#old) this.refresh();
  }

  #fill(row, part) {
    const state = part.left_out ? "left out" : part.state;
    fill(row, { ...part, state_words: state });
    row.className = `depth-${part.depth}${part.left_out ? " left-out" : ""}`;
    const button = one("[data-leave]", row);
    button.hidden = part.id === 0;
    button.value = part.left_out ? "no" : "yes";
    setText(button, part.left_out ? "Take in" : "Leave out");
    button.setAttribute("aria-label", `${part.left_out ? "Take in" : "Leave out"} ${part.words}`);
    button.setAttribute("formaction", `${this.#base}parts/${part.id}/`);
  }
}
