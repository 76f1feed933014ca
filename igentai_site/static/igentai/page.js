// The live page's elements. Text goes in as text, never as markup: entries are what strangers' models wrote.

const MOST_ROWS = 1000;

const one = (selector) => document.querySelector(selector);

export function showConnection({ kind, words, signedOut }) {
  one("[data-connection]").dataset.kind = kind;
  const place = one("[data-connection-words]");
  // Only changes: screen readers announce each.
  if (place.textContent !== words) place.textContent = words;
  one("[data-sign-in]").hidden = !signedOut;
}

export function showTrouble(words) {
  const notice = one("[data-trouble]");
  notice.hidden = !words;
  notice.textContent = words;
}

export function showState(state) {
  one("[data-state]").dataset.kind = state.topic.kind;
  one("[data-state-words]").textContent = state.topic.words;
  one("[data-state-detail]").textContent = state.topic.detail;
  one("[data-run-number]").hidden = !state.run.number;
  one("[data-run-number-value]").textContent = state.run.number;
  one("[data-engine-notice]").hidden = state.engine.running;
  one("[data-simulated-notice]").hidden = !state.run.simulated;
  one("[data-no-entries]").textContent = state.topic.empty;
  for (const place of document.querySelectorAll("[data-figure]")) {
    place.textContent = state.figures[place.dataset.figure];
  }
  showProducers(state.producers);
}

function showProducers(producers) {
  const rows = producers.map((producer) => filled("producer-row", producer));
  one("[data-producers]").replaceChildren(...rows);
  one("[data-no-producers]").hidden = producers.length > 0;
}

/** The buttons as the state has them; who may not command keeps them disabled, with the reason why. */
export function showCommands(commands, mayCommand) {
  for (const button of document.querySelectorAll("[data-command]")) {
    const { label, objection } = commands[button.dataset.command];
    button.textContent = label;
    if (!mayCommand) continue;
    button.disabled = Boolean(objection);
    button.title = objection;
  }
}

export function clearEntries() {
  one("[data-entries]").replaceChildren();
  one("[data-no-entries]").hidden = false;
}

/** Entries in the order in which they were found; the newest comes on top. */
export function addEntries(entries) {
  const body = one("[data-entries]");
  const rows = entries.slice(-MOST_ROWS).map((entry) => filled("entry-row", entry));
  for (const row of rows) row.classList.add("new");
  body.prepend(...rows.reverse());
  while (body.rows.length > MOST_ROWS) body.lastElementChild.remove();
  one("[data-no-entries]").hidden = body.rows.length > 0;
}

function filled(template, values) {
  const row = document.getElementById(template).content.firstElementChild.cloneNode(true);
  for (const place of row.querySelectorAll("[data-field]")) fill(place, values[place.dataset.field], values);
  return row;
}

function fill(place, value, values) {
  switch (place.dataset.field) {
    case "state":
      place.dataset.kind = value;
      break;
    case "simulated":
      place.hidden = !value;
      break;
    case "when":
      place.dateTime = values.at;
      place.title = values.at;
      place.textContent = value;
      break;
    default:
      place.textContent = value;
  }
}
