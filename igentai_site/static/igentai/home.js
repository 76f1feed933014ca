// Keeps the home page up to date: fetches its parts every few seconds while it is looked at.

const PAUSE = 5000;
const PATIENCE = 10000;

class Follower {
  #root;
  #timer = 0;
  #shown = new Map();
  #asking = false;

  constructor(root) {
    this.#root = root;
  }

  begin() {
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#rest() : this.#ask()));
    for (const part of this.#parts()) this.#shown.set(part.dataset.part, plain(part));
    if (!document.hidden) this.#ask();
  }

  #rest() {
    clearTimeout(this.#timer);
    status("idle", "Not followed in the background");
  }

  async #ask() {
    if (this.#asking) return;
    this.#asking = true;
    clearTimeout(this.#timer);
    const goesOn = await this.#fetchAndShow();
    this.#asking = false;
    if (goesOn && !document.hidden) this.#timer = setTimeout(() => this.#ask(), PAUSE);
  }

  /** Whether to ask again. */
  async #fetchAndShow() {
    try {
      const response = await fetch(this.#root.dataset.parts, { signal: AbortSignal.timeout(PATIENCE) });
      if (response.redirected || response.status === 403) {
        status("bad", "Signed out", true);
        return false;
      }
      if (!response.ok) throw new Error(String(response.status));
      this.#show(new DOMParser().parseFromString(await response.text(), "text/html"));
      status("good", "Live");
    } catch {
      status("busy", navigator.onLine ? "Not reachable: trying again" : "Offline");
    }
    return true;
  }

  #show(fresh) {
    for (const part of this.#parts()) {
      const name = part.dataset.part;
      const next = fresh.querySelector(`[data-part="${name}"]`);
      if (!next || plain(next) === this.#shown.get(name) || isSelectedIn(part)) continue;
      this.#shown.set(name, plain(next));
      const focus = part.contains(document.activeElement) ? likeness(document.activeElement) : null;
      part.replaceChildren(...document.adoptNode(next).childNodes);
      if (focus) [...part.querySelectorAll("a, button")].find((each) => likeness(each) === focus)?.focus();
    }
  }

  #parts() {
    return this.#root.querySelectorAll("[data-part]");
  }
}

/** What a part shows, without the tokens that differ each time. */
function plain(part) {
  const copy = part.cloneNode(true);
  for (const token of copy.querySelectorAll("[name=csrfmiddlewaretoken]")) token.remove();
  return copy.innerHTML;
}

/** Somebody is about to copy something there. */
function isSelectedIn(part) {
  const selection = window.getSelection();
  return Boolean(selection && !selection.isCollapsed && part.contains(selection.anchorNode));
}

function likeness(element) {
  return `${element.tagName} ${element.id} ${element.getAttribute("href")}`;
}

function status(kind, words, signedOut = false) {
  document.querySelector("[data-follow]").dataset.kind = kind;
  const place = document.querySelector("[data-follow-words]");
  // Only changes: screen readers announce each.
  if (place.textContent !== words) place.textContent = words;
  document.querySelector("[data-sign-in]").hidden = !signedOut;
}

const root = document.getElementById("home");
if (root) new Follower(root).begin();
