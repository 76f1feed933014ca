// Providers: health and errors in words, what each brings, and its weights with every producer.

import { fill, keyed, offer, one, setText } from "./dom.js";
import { showTime } from "./times.js";

const LONGEST_TIMER = 3_600_000; // timers of more than 24 days are due at once

export class Providers {
  #place = one("[data-providers]");
  #providers = [];
  #yields = {};
  #timer = 0;

  show({ providers, yields }) {
    this.#providers = providers ?? this.#providers;
    this.#yields = yields ?? this.#yields;
    if (providers || yields) this.#paint();
  }

  #paint() {
    const now = Date.now();
    this.#lookAgain(now);
    const present = this.#providers.map((each) => ({ ...each, ...healthAt(each, now) }));
    keyed(this.#place, "provider-card", present, (each) => each.id, (card, each) => this.#fill(card, each));
    one("[data-no-providers]").hidden = this.#providers.length > 0;
  }

  /** The server says when a pause begins and until when it is, not that it is over. */
  #lookAgain(now) {
    clearTimeout(this.#timer);
    const left = this.#providers.map(({ until }) => Date.parse(until) - now).filter((pause) => pause > 0);
    if (left.length > 0) this.#timer = setTimeout(() => this.#paint(), Math.min(...left, LONGEST_TIMER) + 1);
  }

  #fill(card, provider) {
    const { id, name, model, simulated, health, words, until, weights } = provider;
    const yields = this.#yields[name] ?? {};
    const errors = yields.errors ? `Errors in this run: ${yields.errors}` : "No errors in this run";
    fill(card, { ...yields, name, model, simulated, health, words, provider_id: id, errors_words: errors });
    showUntil(one("[data-field=until]", card), until);
    showMean(card, weights);
    keyed(one("[data-weights]", card), "weight-row", weights, ([slot]) => slot, fillWeight);
    offer(one("[data-weight-slots]", card), weights.map(([slot]) => String(slot)));
  }
}

function healthAt({ health, words, until }, now) {
  const over = until && Date.parse(until) <= now;
  return over ? { health: "unknown", words: "Its pause is over", until: "" } : { health, words, until };
}

function showUntil(place, until) {
  place.hidden = !until;
  if (until) showTime(one("time", place), until);
}

function showMean(card, weights) {
  const mean = weights.length ? weights.reduce((sum, [, weight]) => sum + weight, 0) / weights.length : 0;
  const pinned = weights.filter(([, , held]) => held).length;
  const held = pinned === 0 ? "the optimiser's" : pinned === weights.length ? "pinned" : `pinned with ${pinned} of ${weights.length}`;
  fill(card, { mean, mean_words: `Weight ${percent(mean)} on average, ${held}` });
  one("[data-field=mean]", card).setAttribute("aria-label", "Weight on average");
}

function fillWeight(row, [slot, weight, pinned]) {
  fill(row, { slot, weight, weight_words: percent(weight), held: pinned ? "people" : "the optimiser" });
  one("meter", row).setAttribute("aria-label", `Weight with producer ${slot}`);
  setText(one("[data-field=slot]", row), slot);
}

function percent(weight) {
  return `${Math.round(weight * 10) / 10}%`;
}
