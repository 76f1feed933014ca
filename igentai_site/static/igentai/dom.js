// The page's elements. Text goes in as text, never as markup: much of it is what strangers' models wrote.

import { showTime } from "./times.js";

export const one = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => within.querySelectorAll(selector);

/** Only changes: screen readers announce each, and each costs a layout. */
export function setText(place, words) {
  const text = String(words ?? "");
  if (place.textContent !== text) place.textContent = text;
}

export function copyOf(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}

export function fill(element, values) {
  for (const place of all("[data-field]", element)) {
    const value = values[place.dataset.field];
    if (value !== undefined) put(place, value);
  }
  return element;
}

function put(place, value) {
  const kind = place.localName;
  if (kind === "time") showTime(place, value);
  else if (kind === "progress" || kind === "meter") putShare(place, value);
  else if (kind === "input") place.value = value;
  else if (place.classList.contains("state")) place.dataset.kind = value;
  else if (typeof value === "boolean") place.hidden = !value;
  else setText(place, value);
}

function putShare(place, value) {
  // Without a value a progress bar says by itself that nothing is known.
  if (value === null) place.removeAttribute("value");
  else place.value = value;
}

/** Rows in the order of `list`, each made once for its key and filled anew, so that focus and open details stay. */
export function keyed(body, template, list, key, show = fill) {
  const known = new Map([...body.children].map((row) => [row.dataset.key, row]));
  const rows = list.map((values) => {
    const name = String(key(values));
    const row = known.get(name) ?? copyOf(template);
    row.dataset.key = name;
    show(row, values);
    return row;
  });
  const wanted = new Set(rows);
  for (const row of [...body.children]) if (!wanted.has(row)) row.remove();
  rows.forEach((row, place) => {
    if (body.children[place] !== row) body.insertBefore(row, body.children[place] ?? null);
  });
}

/** The choices of a select after its first one, which is always there; what is chosen stays, even if it is not among them. */
export function offer(select, names) {
  const chosen = select.value;
  const wanted = select.selectedIndex > 0 && !names.includes(chosen) ? [...names, chosen] : names;
  const present = [...select.options].slice(1).map((option) => option.value);
  if (present.length === wanted.length && present.every((name, place) => name === wanted[place])) return;
  while (select.options.length > 1) select.remove(1);
  for (const name of wanted) select.add(new Option(name, name));
  select.value = chosen;
}
