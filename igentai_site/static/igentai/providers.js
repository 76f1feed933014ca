// Providers: health and errors in words, what each brings, and its weights with every producer.

import { fill, keyed, offer, one, setText } from "./dom.js";
import { showTime } from "./times.js";

export class Providers {
  #place = one("[data-providers]");
  #providers = [];
  #yields = {};

  show({ providers, yields }) {
    this.#providers = providers ?? this.#providers;
    this.#yields = yields ?? this.#yields;
    if (!providers && !yields) return;
    keyed(this.#place, "provider-card", this.#providers, (each) => each.id, (card, each) => this.#fill(card, each));
    one("[data-no-providers]").hidden = this.#providers.length > 0;
  }

  #fill(card, provider) {
    const { id, name, model, simulated, health, words, until, weights } = provider;
    const yields = this.#yields[name] ?? {};
    const errors = yields.errors ? `Errors in this run: ${yields.errors}` : "No errors in this run";
    fill(card, { ...yields, name, model, simulated, health, words, provider_id: id, errors_words: errors });
    showUntil(one("[data-field=until]", card), until);
    showMean(card, weights);
    keyed(one("[data-weights]", card), "weight-row", weights, ([slot]) => slot, fillWeight);
    offer(one("[data-weight-slots]", card), weights.map(([slot]) => String(slot)).filter((slot) => slot !== "all"));
  }
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
  fill(row, { slot, weight, weight_words: percent(weight), held: pinned ? "people: pinned" : "the optimiser" });
  one("meter", row).setAttribute("aria-label", `Weight with producer ${slot}`);
  setText(one("[data-field=slot]", row), slot);
}

function percent(weight) {
  return `${Math.round(weight * 10) / 10}%`;
}
