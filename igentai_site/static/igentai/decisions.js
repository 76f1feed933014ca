// What the optimiser decided, newest first: what comes is added, older ones are fetched page by page.

import { copyOf, fill, one } from "./dom.js";
import { fetchJson } from "./fetching.js";
import { say } from "./acts.js";

const MOST_ROWS = 500;

export class Decisions {
  #body = one("[data-decision-rows]");
  #older = one("[data-older]");
  #choice = one("[data-kind-choice]");
  #address = one("[data-decisions]").dataset.url;
  #newest = [];
  #run = null;

  constructor() {
    const kind = new URLSearchParams(window.location.search).get("kind") ?? "";
    this.#choice.value = kind;
    this.#older.addEventListener("click", () => this.#load(this.#lastId()));
    this.#choice.addEventListener("change", () => {
      keepInAddress(this.#choice.value);
      this.#load();
    });
    if (this.#choice.value) this.#load();
  }

  /** The newest ten of a run. */
  show(newest, run) {
    const another = run !== this.#run;
    this.#run = run;
    this.#newest = newest;
    if (another) this.#body.replaceChildren();
    const known = Number(this.#body.firstElementChild?.dataset.key ?? 0);
    const oldest = newest.at(-1)?.id ?? 0;
    if (known && oldest > known && newest.length > 0) {
      // More were made than are told at once, perhaps: begin anew.
      this.#load();
      return;
    }
    const kind = this.#choice.value;
    const rows = newest.filter((each) => each.id > known && (!kind || each.kind === kind)).map(rowOf);
    this.#body.prepend(...rows);
    while (this.#body.rows.length > MOST_ROWS) this.#body.lastElementChild.remove();
    if (!known && !kind) this.#older.hidden = newest.length < 10;
    this.#sayWhyEmpty();
  }

  #lastId() {
    return this.#body.lastElementChild?.dataset.key ?? "";
  }

  async #load(before = "") {
    const query = new URLSearchParams({ before, kind: this.#choice.value });
    try {
      const { decisions, more } = await fetchJson(`${this.#address}?${query}`);
      const rows = decisions.map(rowOf);
      if (before) this.#body.append(...rows);
      else this.#body.replaceChildren(...rows);
      this.#older.hidden = !more || this.#body.rows.length >= MOST_ROWS;
      this.#sayWhyEmpty();
    } catch (error) {
      say(one("[data-decisions]"), error.message, true);
    }
  }

  #sayWhyEmpty() {
    const place = one("[data-no-decisions]");
    place.hidden = this.#body.rows.length > 0;
    place.textContent = this.#choice.value && this.#newest.length > 0
      ? "No decision of this kind."
      : "No decisions yet: the optimiser makes them as answers come in.";
  }
}

function rowOf(decision) {
  const row = fill(copyOf("decision-row"), decision);
  row.dataset.key = decision.id;
  return row;
}

function keepInAddress(kind) {
  const address = new URL(window.location.href);
  if (kind) address.searchParams.set("kind", kind);
  else address.searchParams.delete("kind");
  history.replaceState(null, "", address);
}
