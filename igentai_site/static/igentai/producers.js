// Producers: state, part, whom each asks, when it was seen last; its prompt on demand.

import { fill, keyed, one, setText } from "./dom.js";
import { fetchJson } from "./fetching.js";
import { showTime } from "./times.js";

export class Producers {
  #body = one("[data-producers]");
  #base;
  #producers = [];
  #seen = [];
  #providers = [];

  constructor(base) {
    this.#base = base;
    this.#body.addEventListener("click", (event) => {
      if (event.target.closest("[data-prompt]")) this.#showPrompt(event.target.closest("tr").dataset.key);
    });
  }

  show({ producers, seen, providers }) {
    this.#producers = producers ?? this.#producers;
    this.#seen = seen ?? this.#seen;
    this.#providers = providers ?? this.#providers;
    if (producers) keyed(this.#body, "producer-row", producers, (each) => each.slot, (row, each) => this.#fill(row, each));
    one("[data-no-producers]").hidden = this.#producers.length > 0;
    this.#producers.forEach((producer, place) => this.#showMoving(producer.slot, place));
  }

  #fill(row, producer) {
    fill(row, producer);
    const button = one("[data-restart]", row);
    button.setAttribute("formaction", `${this.#base}producers/${producer.slot}/restart/`);
    button.setAttribute("aria-label", `Restart producer ${producer.slot}`);
    if (button.dataset.mayNot !== undefined) return;
    button.disabled = Boolean(producer.objection);
    button.title = producer.objection;
  }

  /** What changes more often than the rest of a row. */
  #showMoving(slot, place) {
    const row = this.#body.children[place];
    if (!row) return;
    const seen = this.#seen[place] ?? 0;
    showTime(one("[data-seen]", row), seen ? new Date(seen * 1000).toISOString() : "");
    setText(one("[data-shares]", row), this.#shares(slot));
  }

  #shares(slot) {
    const weights = this.#providers.flatMap(({ name, weights: of }) =>
      of.filter(([producer, weight]) => producer === slot && weight >= 0.5).map(([, weight]) => [name, weight]),
    );
    const sum = weights.reduce((total, [, weight]) => total + weight, 0);
    weights.sort((one, other) => other[1] - one[1]);
    return weights.map(([name, weight]) => `${name} ${Math.round((weight / sum) * 100)}%`).join(", ") || "–";
  }

  async #showPrompt(slot) {
    setText(one("[data-prompt-slot]"), slot);
    setText(one("[data-prompt-text]"), "");
    setText(one("[data-prompt-words]"), "Loading…");
    document.getElementById("prompt").showModal();
    try {
      const { prompt } = await fetchJson(`${this.#base}producers/${slot}/prompt/`);
      setText(one("[data-prompt-words]"), prompt ? "As it is now; exclusions come with each request." : "It has none yet.");
      setText(one("[data-prompt-text]"), prompt);
    } catch (error) {
      setText(one("[data-prompt-words]"), error.message);
    }
  }
}
