// Keeps the live page of a topic up to date: the connection, the feed and the panels, wired together.

import { sendActs } from "./acts.js";
import { Charts } from "./charts.js";
import { Connection } from "./connection.js";
import { Decisions } from "./decisions.js";
import { one, setText } from "./dom.js";
import { Entries } from "./newest.js";
import { Feed } from "./feed.js";
import { listenForKeys } from "./keys.js";
import { showAge, showConnection, showEstimates, showFigures, showHead, showStops, showTrouble } from "./page.js";
import { Painter } from "./painter.js";
import { Parts } from "./parts.js";
import { Producers } from "./producers.js";
import { Providers } from "./providers.js";
import { Reviews } from "./reviews.js";
import { Sections } from "./sections.js";
import { keepTimes } from "./times.js";

const PAUSED = "igentai.view.paused";
const HEARING = ["live", "polling"];

const root = document.getElementById("live");
const mayCommand = root.dataset.mayCommand === "yes";
const base = root.dataset.base.replace(/live\/$/, "");
const first = JSON.parse(document.getElementById("sections").textContent);

const feed = new Feed(Number(root.dataset.cursor), Number(root.dataset.list));
const sections = new Sections(first.marks);
const entries = new Entries(`${base}newest/`);
const reviews = new Reviews(`${base}reviews/`, entries, first.reviews);
const producers = new Producers(base);
const providers = new Providers();
const decisions = new Decisions();
const parts = new Parts(base);
const painter = new Painter({ paint, taken: () => connection.painted(), waiting: showWaiting });
const charts = new Charts(one("[data-charts]"), isSeen, () => (mayLook = false));
let status = { kind: "connecting", words: "Connecting…", refused: false, signedOut: false };
let mayLook = true;
let heardAt = Date.now();
let run = first.head.run.number;

const address = new URL(root.dataset.socket, window.location.href);
address.protocol = address.protocol === "https:" ? "wss:" : "ws:";

const connection = new Connection(address, `${base}news/`, {
  opened: () => connection.send(feed.ask()),
  cursor: () => feed.ask().cursor,
  message: receive,
  status: follow,
});

function follow(now) {
  if (now.refused) mayLook = false;
  else if (now.kind !== status.kind && HEARING.includes(now.kind)) mayLook = true;
  status = now;
  showConnection(status, painter.paused);
  // While it connects, what was said of the state before still holds.
  if (status.kind !== "connecting") showAge(HEARING.includes(status.kind) ? null : heardAt);
}

function isSeen() {
  return mayLook && !document.hidden && !painter.paused && status.kind !== "offline";
}

function receive(message) {
  if (message.type === "trouble") {
    feed.forgetQuestion();
    showTrouble(message.words);
    connection.painted();
    return;
  }
  if (message.type !== "delta") return;
  heardAt = Date.now();
  showTrouble("");
  const news = feed.take(message);
  const told = news.stale ? { news: {}, behind: false } : sections.take(message);
  const wanted = news.entries.filter((entry) => entries.filter.matches(entry)).length;
  painter.add({
    sections: told.news,
    clear: news.replaced || news.jumped,
    entries: news.entries,
    counted: wanted + news.skipped,
  });
  if ((news.behind || told.behind) && !feed.waits) connection.send(feed.ask());
}

function paint({ sections: news, clear, entries: arrived }) {
  if (clear) entries.clear();
  if (arrived.length > 0) entries.add(arrived);
  if (news.head) {
    showHead(news.head, mayCommand);
    run = news.head.run.number;
  }
  if (news.reviews !== undefined) reviews.follow(news.reviews);
  if (news.figures) showFigures(news.figures);
  if (news.stops) showStops(news.stops);
  if (news.estimates) showEstimates(news.estimates);
  entries.offerChoices(news.providers, news.producers);
  providers.show(news);
  if (news.producers || news.seen || news.providers) producers.show(news);
  if (news.decisions) decisions.show(news.decisions, run);
  if (news.parts !== undefined || news.yields) parts.refresh();
}

// Pausing the view

function showWaiting(count) {
  const button = one("[data-show-new]");
  button.hidden = !painter.paused || count === 0;
  setText(button, `${count.toLocaleString("en-GB")} new — show`);
}

function pauseView(paused) {
  if (paused) painter.pause();
  else painter.resume();
  try {
    localStorage.setItem(PAUSED, paused ? "yes" : "");
  } catch {
    // Without storage it holds for this page.
  }
  const button = one("[data-pause-view]");
  setText(button, paused ? "Go on with the view" : "Pause the view");
  showConnection(status, paused);
}

function wasPaused() {
  try {
    return localStorage.getItem(PAUSED) === "yes";
  } catch {
    return false;
  }
}

one("[data-pause-view]").addEventListener("click", () => pauseView(!painter.paused));
one("[data-show-new]").addEventListener("click", () => painter.show());

// What nobody sees is neither painted nor fetched: a tab that is shown again catches up from its cursor.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) connection.sleep();
  else connection.open();
});

listenForKeys({
  p: () => pauseView(!painter.paused),
  "/": () => entries.search(),
  j: () => entries.walk(1),
  k: () => entries.walk(-1),
});
sendActs(() => parts.refresh(true));
paint({ sections: first, clear: false, entries: [] });
if (wasPaused()) pauseView(true);
keepTimes();
charts.keepUp();
if (!document.hidden) connection.open();
