// The newest entries: those that are wanted, painted as they come, bounded, and walked through by keys.

import { all, copyOf, fill, offer, one, setText } from "./dom.js";
import { fetchJson } from "./fetching.js";
import { Filter } from "./filter.js";

const MOST_ROWS = 1000;
const TYPING = 250;
const UNREVIEWED = { verdict: "", reviewed: "", found: "" };

export class Entries {
  #body = one("[data-entries]");
  #form = one("[data-filters]");
  #filter = Filter.ofAddress();
  #recent = []; // what came last, wanted or not: for a search that is answered while more arrives
  #through = 0; // up to this id the rows come from a search, whether it was painted before or not
  #address;
  #asked = 0;
  #typing = 0;

  constructor(address) {
    this.#address = address;
    for (const row of this.#body.rows) fill(row, { at: one("time", row).dateTime });
    one("[data-no-script]").hidden = true;
    this.#form.addEventListener("input", () => this.#typed());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#filterBy(Filter.ofForm(this.#form));
    });
    one("[data-clear]").addEventListener("click", (event) => {
      event.preventDefault();
      this.#form.reset();
      for (const field of this.#form.elements) if ("value" in field) field.value = "";
      this.#filterBy(new Filter());
    });
  }

  get filter() {
    return this.#filter;
  }

  clear() {
    this.#recent = [];
    this.#body.replaceChildren();
    this.#sayWhyEmpty();
  }

  /** Entries in the order in which they were found; the newest comes on top. */
  add(entries) {
    this.#recent = [...this.#recent, ...entries].slice(-MOST_ROWS);
    const unseen = entries.filter((entry) => entry.id > this.#through && this.#filter.matches(entry));
    const wanted = unseen.slice(-MOST_ROWS);
    if (wanted.length === 0) return;
    const rows = wanted.map((entry) => rowOf(entry));
    for (const row of rows) row.classList.add("new");
    this.#body.prepend(...rows.reverse());
    while (this.#body.rows.length > MOST_ROWS) this.#body.lastElementChild.remove();
    this.#sayWhyEmpty();
  }

  /** What people say of the entries from the id `since` on; of those that are not told they say nothing any more. */
  mark(reviews, since) {
    const reviewed = new Map(reviews.map((entry) => [entry.id, entry]));
    const now = (entry) => reviewed.get(entry.id) ?? { ...entry, ...UNREVIEWED, text: entry.found || entry.text };
    this.#recent = this.#recent.map((entry) => (entry.id < since ? entry : now(entry)));
    for (const row of this.#body.rows) {
      const id = Number(row.dataset.entry);
      if (id >= since) show(row, reviewed.get(id) ?? { id, text: row.dataset.found });
    }
  }

  /** The lowest id on the page; 0: it is empty. */
  get oldest() {
    return Number(this.#body.lastElementChild?.dataset.entry ?? 0);
  }

  offerChoices(providers, producers) {
    if (providers) offer(one("[data-provider-choice]"), providers.map((provider) => provider.name));
    if (producers) offer(one("[data-producer-choice]"), producers.map((producer) => String(producer.slot)));
  }

  search() {
    one("[data-search]").focus();
  }

  /** Give the focus to the next row, or to the one before it. */
  walk(step) {
    const rows = [...this.#body.rows];
    const here = rows.indexOf(document.activeElement?.closest("[data-entries] tr"));
    const row = rows[here < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, here + step))];
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
  }

  #typed() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#filterBy(Filter.ofForm(this.#form)), TYPING);
  }

  async #filterBy(filter) {
    clearTimeout(this.#typing);
    this.#filter = filter;
    filter.keepInAddress();
    leadFurther(filter);
    this.#asked += 1;
    const question = this.#asked;
    this.#form.setAttribute("aria-busy", "true");
    try {
      const { attributes, cursor } = await fetchJson(`${this.#address}?${filter.query()}`);
      if (question === this.#asked) this.#show(attributes, cursor);
    } catch {
      // What is there is still true; the filter holds for it, and for what arrives.
      if (question === this.#asked) this.#show(this.#recent.filter((entry) => filter.matches(entry)).reverse(), Infinity);
    }
    if (question === this.#asked) this.#form.removeAttribute("aria-busy");
  }

  #show(newestFirst, cursor) {
    const since = this.#recent.filter((entry) => entry.id > cursor && this.#filter.matches(entry));
    const rows = [...since.reverse(), ...newestFirst].slice(0, MOST_ROWS).map(rowOf);
    if (cursor < Infinity) this.#through = cursor;
    this.#body.replaceChildren(...rows);
    this.#sayWhyEmpty();
  }

  #sayWhyEmpty() {
    const none = this.#body.rows.length === 0;
    one("[data-no-entries]").hidden = !none || !this.#filter.empty;
    one("[data-no-match]").hidden = !none || this.#filter.empty;
    one("[data-clear]").hidden = this.#filter.empty;
    one("[data-searched]").hidden = this.#filter.empty;
  }
}

function rowOf(entry) {
  return show(copyOf("entry-row"), entry);
}

function show(row, entry) {
  const values = { ...UNREVIEWED, ...entry };
  Object.assign(row.dataset, { entry: values.id, verdict: values.verdict, found: values.found || values.text });
  one("[data-was]", row).hidden = !values.found;
  return fill(row, values);
}

/** The links to other pages of entries, with what is wanted here. */
function leadFurther(filter) {
  for (const link of all("[data-further]")) {
    link.search = filter.query();
    setText(link, filter.empty ? link.dataset.all : link.dataset.some);
  }
}
