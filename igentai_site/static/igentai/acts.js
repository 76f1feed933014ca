// What people do from the page: its forms are sent without leaving it, and the answer is said beside them.

import { one, setText } from "./dom.js";
import { fetchJson } from "./fetching.js";

const SECONDS_SHOWN = 10;
const timers = new WeakMap();

/** Say it in the place for answers that is within `near`; what went wrong stays until the next answer. */
export function say(near, words, bad = false) {
  const place = one("[data-answer]", near);
  place.classList.toggle("bad", bad);
  setText(place, words);
  clearTimeout(timers.get(place));
  if (!bad) timers.set(place, setTimeout(() => setText(place, ""), SECONDS_SHOWN * 1000));
}

/** Send the forms that are marked so; `done(form)` follows each that was carried out. */
export function sendActs(done) {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.act === undefined) return;
    event.preventDefault();
    const button = event.submitter;
    const body = new FormData(form, button);
    const address = button?.getAttribute("formaction") || form.getAttribute("action");
    button.disabled = true;
    try {
      const { words, refused } = await fetchJson(address, { method: "POST", body });
      say(form, words, refused);
      if (!refused) done(form);
    } catch (error) {
      say(form, error.message, true);
    } finally {
      button.disabled = false;
    }
  });
}
