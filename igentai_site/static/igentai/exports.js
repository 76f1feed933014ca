// Keeps the table of exports up to date while one of them is under way. The rows come from the server, already escaped.

const EVERY_MS = 1500;

const root = document.getElementById("exports");
const body = document.querySelector("[data-exports]");
const trouble = document.querySelector("[data-trouble]");
const news = document.querySelector("[data-news]");

if (body) plan();
document.addEventListener("visibilitychange", () => {
  if (body && !document.hidden) refresh();
});

function plan() {
  if (body.querySelector("[data-under-way]")) window.setTimeout(refresh, EVERY_MS);
}

async function refresh() {
  // A hidden tab asks for nothing; it catches up when it is shown.
  if (document.hidden) return;
  try {
    const answer = await fetch(root.dataset.rows, { redirect: "error", cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.text());
    say("");
  } catch {
    say("The portal does not answer, or you are signed out: the table may be out of date.");
  }
  plan();
}

function show(html) {
  const fresh = new DOMParser().parseFromString(`<table><tbody>${html}</tbody></table>`, "text/html");
  for (const row of fresh.querySelectorAll("[data-export]")) {
    const shown = body.querySelector(`[data-export="${row.dataset.export}"]`);
    if (shown && shown.innerHTML !== row.innerHTML) replace(shown, document.importNode(row, true));
  }
}

function replace(shown, row) {
  const key = shown.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  if (shown.dataset.state !== row.dataset.state) {
    news.textContent = `Export ${row.dataset.export}: ${row.querySelector("[data-words]").textContent}`;
  }
  shown.replaceWith(row);
  if (key) (row.querySelector(`[data-key="${key}"]`) ?? row.querySelector("a, button"))?.focus();
}

function say(words) {
  trouble.hidden = !words;
  if (trouble.textContent !== words) trouble.textContent = words;
}
