// One WebSocket that comes back by itself, with polling in its place where none works; says in words how it stands.

import { Polling } from "./polling.js";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;
const PAUSE_WHILE_POLLING = 10_000;
// After so many attempts in vain we ask without a WebSocket, and go on trying.
const MOST_FAILURES = 3;
// The server repeats itself every 5 seconds: after this, the connection is dead even if nobody said so.
const SILENCE = 15_000;
// It counts what we have not painted yet, up to 64 messages or 10 seconds.
const PAINTED = 1000;

const REFUSALS = new Map([
  [4401, "Signed out"],
  [4403, "No permission to see this topic"],
  [4404, "This topic is gone"],
]);

export class Connection {
  #url;
  #handlers;
  #polling;
  #polls = false; // whether polling works
  #socket = null;
  #failures = 0;
  #received = 0;
  #painted = 0;
  #paintedTimer = 0;
  #retryTimer = 0;
  #silenceTimer = 0;
  #asleep = false;

  /** handlers: opened(), message(object), cursor(), status({kind, words, refused, signedOut}) */
  constructor(url, news, handlers) {
    this.#url = url;
    this.#handlers = handlers;
    this.#polling = new Polling(news, {
      cursor: () => handlers.cursor(),
      message: (message) => handlers.message(message),
      worked: () => this.#pollingWorks(),
      failed: () => (this.#polls = false),
      refused: (code) => this.#refused(code),
    });
    window.addEventListener("online", () => this.#retryNow());
  }

  open() {
    this.#asleep = false;
    if (!this.#polls) this.#status("connecting", "Connecting…");
    this.#received = 0;
    this.#painted = 0;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#expectWords(socket);
    socket.addEventListener("open", () => socket === this.#socket && this.#handlers.opened());
    socket.addEventListener("message", (event) => this.#receive(socket, event.data));
    socket.addEventListener("close", (event) => this.#lost(socket, event.code));
  }

  /** Neither listen nor ask until `open`. */
  sleep() {
    this.#asleep = true;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#silenceTimer);
    this.#retryTimer = 0;
    this.#failures = 0;
    this.#stopPolling();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** All that came is dealt with. Said once a second; a server that hears nothing takes us for stalled. */
  painted() {
    this.#painted = this.#received;
    this.#paintedTimer ||= setTimeout(() => {
      this.#paintedTimer = 0;
      if (this.#painted > 0) this.send({ type: "painted", messages: this.#painted });
    }, PAINTED);
  }

  #receive(socket, text) {
    if (socket !== this.#socket) return;
    this.#expectWords(socket);
    this.#received += 1;
    this.#failures = 0;
    this.#stopPolling();
    this.#status("live", "Live");
    this.#handlers.message(JSON.parse(text));
  }

  #expectWords(socket) {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.#giveUp(socket), SILENCE);
  }

  #giveUp(socket) {
    // Closing may take long on a dead line, so it counts as lost at once.
    socket.close();
    this.#lost(socket, 1006);
  }

  #lost(socket, code) {
    if (socket !== this.#socket || this.#asleep) return;
    this.#socket = null;
    clearTimeout(this.#silenceTimer);
    if (REFUSALS.has(code)) {
      this.#refused(code);
      return;
    }
    this.#failures += 1;
    if (this.#failures >= MOST_FAILURES) this.#polling.start();
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.#failures - 1)) * (0.5 + Math.random() / 2);
    this.#countDown(performance.now() + (this.#polls ? PAUSE_WHILE_POLLING : pause));
  }

  #refused(code) {
    this.sleep();
    this.#handlers.status({ kind: "offline", words: REFUSALS.get(code), refused: true, signedOut: code === 4401 });
  }

  #countDown(due) {
    const left = due - performance.now();
    if (left <= 0) {
      this.#retryTimer = 0;
      this.open();
      return;
    }
    const words = navigator.onLine ? `Reconnecting in ${Math.ceil(left / 1000)} s` : "Offline";
    if (!this.#polls) this.#status(navigator.onLine ? "reconnecting" : "offline", words);
    this.#retryTimer = setTimeout(() => this.#countDown(due), Math.min(left, 250));
  }

  #retryNow() {
    if (this.#socket === null && this.#retryTimer) {
      clearTimeout(this.#retryTimer);
      this.#retryTimer = 0;
      this.open();
    }
  }

  #pollingWorks() {
    const before = this.#polls;
    this.#polls = true;
    this.#status("polling", "Polling");
    // The server is back, so perhaps its WebSockets are.
    if (!before) this.#retryNow();
  }

  #stopPolling() {
    this.#polling.stop();
    this.#polls = false;
  }

  #status(kind, words) {
    this.#handlers.status({ kind, words, refused: false, signedOut: false });
  }
}
