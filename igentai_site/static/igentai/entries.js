// Reviewing by keyboard: j and k move, x chooses, a, r and c say a verdict at once and offer to take it back.
// Without this script the same form posts and the page loads anew.

const one = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];

const form = one("#entries");
const undo = one("#undo");
const keys = one("#keys");
const rows = all("[data-entry]");
const boxes = all("[name=entry]");
const mayReview = form?.dataset.mayReview === "yes";
let current = -1;
let busy = false;

function moveTo(place) {
  if (rows.length === 0) return;
  current = Math.max(0, Math.min(place, rows.length - 1));
  rows.forEach((row, index) => row.classList.toggle("current", index === current));
  rows[current].focus({ preventScroll: true });
  rows[current].scrollIntoView({ block: "nearest" });
}

function choose(place, chosen = !boxes[place]?.checked) {
  if (!mayReview || !boxes[place]) return;
  boxes[place].checked = chosen;
  showChosen();
}

function showChosen() {
  const chosen = boxes.filter((box) => box.checked).length;
  const place = one("[data-chosen]");
  const words = chosen > 0 ? `${chosen} chosen` : "";
  if (place && place.textContent !== words) place.textContent = words;
  const whole = one("[data-pick-all]");
  if (whole) whole.checked = chosen > 0 && chosen === boxes.length;
}

/** What is chosen, else the row that the keys are at. */
function idsToReview() {
  const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
  return chosen.length > 0 || current < 0 ? chosen : [rows[current].dataset.entry];
}

async function review(action) {
  const ids = idsToReview();
  if (ids.length === 0) return say("Nothing was done: choose entries first, or move to one with j and k.");
  const asked = new FormData();
  asked.set("action", action);
  for (const id of ids) asked.append("entry", id);
  if (await post(form, asked)) boxes.forEach((box, place) => choose(place, false));
}

function takeBack() {
  const token = undo.elements.token.value;
  if (!token) return;
  const asked = new FormData();
  asked.set("token", token);
  post(undo, asked);
}

async function post(to, asked) {
  if (busy) return false;
  busy = true;
  try {
    // Not `to.action`: that is the button of this name.
    const answer = await fetch(to.getAttribute("action"), {
      method: "POST",
      body: asked,
      headers: { Accept: "application/json", "X-CSRFToken": undo.elements.csrfmiddlewaretoken.value },
    });
    const usable = answer.ok && !answer.redirected;
    if (usable) show(await answer.json());
    else say(`Not done. ${(await refusal(answer)) ?? "Reload the page: you may be signed out."}`);
    return usable;
  } catch {
    say("Not done: the portal does not answer. Try again.");
    return false;
  } finally {
    busy = false;
  }
}

/** Why the server has refused it, in its words, where it says so. */
async function refusal(answer) {
  const told = await answer.json().catch(() => ({}));
  return told.detail;
}

function show({ message, undo: token, rows: states }) {
  for (const { id, verdict, words } of states) {
    const row = one(`[data-entry="${id}"]`);
    if (!row) continue;
    row.dataset.verdict = verdict;
    row.querySelector("[data-state-words]").textContent = words;
  }
  say(message, token);
}

function say(words, token = "") {
  undo.elements.token.value = token;
  one("[data-undo]").hidden = !token;
  one("[data-notice]").hidden = false;
  one("[data-notice-words]").textContent = words;
}

const COMMANDS = {
  j: () => moveTo(current + 1),
  k: () => moveTo(current - 1),
  x: () => choose(current),
  a: () => mayReview && review("accept"),
  r: () => mayReview && review("reject"),
  c: () => mayReview && review("clear"),
  u: takeBack,
  n: () => one("[data-page=onward]")?.click(),
  b: () => one("[data-page=back]")?.click(),
  "/": () => one("[data-search]").focus(),
  "?": () => keys.showModal(),
};

function isTyping(place) {
  return place.matches("input:not([type=checkbox]), select, textarea, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat && !"jk".includes(event.key)) return;
  if (event.key === "Escape" && isTyping(event.target)) event.target.blur();
  if (keys.open || isTyping(event.target)) return;
  if (event.key === "Enter" && event.target === rows[current]) {
    rows[current].querySelector("a").click();
  } else if (Object.hasOwn(COMMANDS, event.key)) {
    event.preventDefault();
    COMMANDS[event.key]();
  }
});

for (const [place, row] of rows.entries()) {
  row.addEventListener("click", () => {
    rows.forEach((each) => each.classList.toggle("current", each === row));
    current = place;
  });
}
form?.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) boxes.forEach((box, place) => choose(place, event.target.checked));
  showChosen();
});
form?.addEventListener("submit", (event) => {
  const action = event.submitter?.dataset.action;
  if (!action) return;
  event.preventDefault();
  review(action);
});
undo.addEventListener("submit", (event) => {
  event.preventDefault();
  takeBack();
});
one("[data-show-keys]").addEventListener("click", () => keys.showModal());
showChosen(); // browsers remember what was chosen before a reload
