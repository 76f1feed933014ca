// The head of the live page: connection, state, commands, figures and limits.

import { all, keyed, one, setText } from "./dom.js";
import { exactWords } from "./times.js";

export function showConnection({ kind, words, signedOut }, paused) {
  one("[data-connection]").dataset.kind = paused && kind === "live" ? "paused" : kind;
  const quiet = kind === "live" || kind === "polling";
  setText(one("[data-connection-words]"), paused ? `View paused${quiet ? "" : ` · ${words}`}` : words);
  one("[data-sign-in]").hidden = !signedOut;
}

/** The state is not known any more: it is shown as of when we last heard of it; null: we hear of it. */
export function showAge(heardAt) {
  one("[data-live-state]").classList.toggle("old", heardAt !== null);
  const place = one("[data-as-of]");
  place.hidden = heardAt === null;
  if (heardAt !== null) setText(place, `· as of ${exactWords(heardAt).slice(11)}`);
}

export function showTrouble(words) {
  const notice = one("[data-trouble]");
  notice.hidden = !words;
  setText(notice, words);
}

export function showHead(head, mayCommand) {
  one("[data-state]").dataset.kind = head.topic.kind;
  setText(one("[data-state-words]"), head.topic.words);
  setText(one("[data-state-detail]"), head.topic.detail);
  one("[data-run-number]").hidden = !head.run.number;
  setText(one("[data-run-number-value]"), head.run.number);
  one("[data-engine-notice]").hidden = head.engine.running;
  one("[data-simulated-notice]").hidden = !head.run.simulated;
  showNoStops();
  setText(one("[data-no-entries]"), head.topic.empty);
  showCommands(head.commands, mayCommand);
}

/** The buttons as the state has them; who may not command keeps them disabled, with the reason why. */
function showCommands(commands, mayCommand) {
  for (const button of all("[data-command]")) {
    const command = commands[button.dataset.command];
    if (!command) continue;
    setText(button, command.label);
    button.className = `button ${command.look}`;
    if (!mayCommand) continue;
    button.disabled = Boolean(command.objection);
    button.title = command.objection;
  }
}

export function showFigures(figures) {
  for (const place of all("[data-figure]")) setText(place, figures[place.dataset.figure]);
}

export function showEstimates(estimates) {
  for (const place of all("[data-estimate]")) setText(place, estimates[place.dataset.estimate]);
  one("[data-unseen]").hidden = !estimates.unseen;
}

export function showStops(stops) {
  keyed(one("[data-stops]"), "stop-row", stops, (stop) => stop.name, fillStop);
  showNoStops();
}

/** Before the first run nothing is known of its limits. */
function showNoStops() {
  one("[data-no-stops]").hidden = one("[data-run-number]").hidden || one("[data-stops]").children.length > 0;
}

function fillStop(row, { name, share, words }) {
  setText(one("[data-field=name]", row), name);
  setText(one("[data-field=words]", row), words);
  const bar = one("progress", row);
  bar.setAttribute("aria-label", name);
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
}
