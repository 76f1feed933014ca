// Keeps the live page of a topic up to date: the connection, the feed and the page, wired together.

import { Connection } from "./connection.js";
import { Feed } from "./feed.js";
import { addEntries, clearEntries, showCommands, showConnection, showState, showTrouble } from "./page.js";

const root = document.getElementById("live");
const mayCommand = root.dataset.mayCommand === "yes";
const feed = new Feed(Number(root.dataset.cursor), Number(root.dataset.list));

const address = new URL(root.dataset.socket, window.location.href);
address.protocol = address.protocol === "https:" ? "wss:" : "ws:";

const connection = new Connection(address, {
  opened: () => connection.send(feed.ask()),
  message: receive,
  status: showConnection,
});
connection.open();

function receive(message) {
  if (message.type === "trouble") {
    feed.forgetQuestion();
    showTrouble(message.words);
  } else if (message.type === "delta") {
    showTrouble("");
    paint(message);
  }
}

function paint(delta) {
  const news = feed.take(delta);
  if (news.replaced) clearEntries();
  if (!news.stale) {
    showState(delta);
    showCommands(delta.commands, mayCommand);
  }
  if (news.entries.length > 0) addEntries(news.entries);
  if (news.behind && !feed.waits) connection.send(feed.ask());
}
