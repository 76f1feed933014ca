// Keys: they change what one sees, never a topic.

import { one } from "./dom.js";

const FIELDS = "input, select, textarea, [contenteditable]";

/** acts: what to do by key; none works while somebody types, or while a dialog is open. */
export function listenForKeys(acts) {
  const sheet = document.getElementById("keys");
  one("[data-help]").addEventListener("click", () => sheet.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.matches?.(FIELDS)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (one("dialog[open]")) return;
    const act = event.key === "?" ? () => sheet.showModal() : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
