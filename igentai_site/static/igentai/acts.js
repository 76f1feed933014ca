// What people do from the page: its forms are sent without leaving it, and the answer is said at its top.

import { one, setText } from "./dom.js";
import { fetchJson } from "./fetching.js";

const SECONDS_SHOWN = 10;
let hideTimer = 0;

export function say(words, bad = false) {
  const notice = one("[data-said]");
  notice.hidden = false;
  notice.classList.toggle("notice-error", bad);
  setText(notice, words);
  clearTimeout(hideTimer);
  hideTimer = setTimeout(() => (notice.hidden = true), SECONDS_SHOWN * 1000);
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
      say(words, refused);
      if (!refused) done(form);
    } catch (error) {
      say(error.message, true);
    } finally {
      button.disabled = false;
    }
  });
}
