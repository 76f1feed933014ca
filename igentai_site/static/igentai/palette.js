// Ctrl-K: go to a page, or to a topic by its name. It only leads there: nothing is carried out from it.

import { all, one, setText } from "./dom.js";
import { fetchJson } from "./fetching.js";

const PAUSE_MS = 150;
const LEADS = { live: "live page", form: "settings" };

const dialog = document.getElementById("palette");

function listen() {
  const field = one("[role=combobox]", dialog);
  const pages = one("[data-palette-pages]", dialog);
  const topics = one("[data-palette-topics]", dialog);
  const pageWords = new Map([...pages.children].map((option) => [option, folded(option.textContent)]));
  let timer = 0;
  let question = new AbortController();

  document.addEventListener("keydown", (event) => {
    const plain = !event.altKey && !event.shiftKey && event.ctrlKey !== event.metaKey;
    if (!plain || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (event.repeat) return;
    if (dialog.open) dialog.close();
    else open();
  });
  one("[data-palette-open]")?.addEventListener("click", open);
  field.addEventListener("input", search);
  field.addEventListener("keydown", act);
  dialog.addEventListener("close", forget);
  dialog.addEventListener("click", (event) => {
    // What lies around the dialog counts as the dialog itself. A link closes it too, for who comes back to this page.
    const leaves = event.target.closest("a") && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (leaves || (event.target === dialog && isOutside(event))) dialog.close();
  });

  function open() {
    field.value = "";
    dialog.showModal();
    search();
  }

  function forget() {
    clearTimeout(timer);
    question.abort();
  }

  function search() {
    forget();
    const words = folded(field.value).split(" ").filter(Boolean);
    for (const [option, text] of pageWords) option.hidden = !words.every((word) => text.includes(word));
    pages.hidden = [...pageWords.keys()].every((option) => option.hidden);
    // Topics that were found for other words are none to choose.
    showTopics([]);
    choose(shown(dialog)[0]);
    const asks = words.length && dialog.dataset.topics;
    if (asks) timer = setTimeout(ask, PAUSE_MS);
    tell(asks ? "Looking for topics…" : "");
  }

  async function ask() {
    const { signal } = (question = new AbortController());
    try {
      const told = await fetchJson(`${dialog.dataset.topics}?${new URLSearchParams({ q: field.value })}`, { signal });
      if (signal.aborted) return;
      if (!told.topics) throw new Error("Are you still signed in?");
      showTopics(told.topics);
      tell("");
    } catch (error) {
      if (signal.aborted) return;
      tell(`Topics could not be looked for. ${error.message}`);
    }
  }

  function showTopics(found) {
    topics.replaceChildren(...found.flatMap(leadsTo));
    topics.hidden = !found.length;
    // What is chosen stays so: somebody may be about to press Enter.
    if (!chosen()) choose(shown(dialog)[0]);
  }

  function tell(words) {
    const number = shown(dialog).length;
    const found = number ? `${number} found` : "Nothing has such a name.";
    setText(one("[data-palette-status]", dialog), words || (field.value.trim() ? found : ""));
  }

  function act(event) {
    if (event.isComposing) return;
    const options = shown(dialog);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length) {
      choose(options.at((options.indexOf(chosen()) + step) % options.length));
    } else if (event.key === "Enter") {
      chosen()?.click();
    } else return;
    event.preventDefault();
  }

  function choose(option) {
    for (const each of all("[role=option]", dialog)) each.ariaSelected = String(each === option);
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }
}

const shown = (within) => [...all("[role=option]", within)].filter((option) => !option.closest("[hidden]"));
const chosen = () => shown(dialog).find((option) => option.ariaSelected === "true");
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim().replace(/\s+/g, " ");

function isOutside({ clientX, clientY }) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}

function leadsTo(topic, place) {
  return Object.entries(LEADS).map(([lead, words]) => {
    const option = document.createElement("a");
    const name = document.createElement("bdi");
    const about = document.createElement("span");
    Object.assign(option, { href: topic[lead], id: `palette-topic-${place}-${lead}`, tabIndex: -1, role: "option" });
    option.ariaSelected = "false";
    about.className = "quiet";
    setText(name, topic.name);
    setText(about, words);
    option.append(name, " ", about);
    return option;
  });
}

if (dialog) listen();
