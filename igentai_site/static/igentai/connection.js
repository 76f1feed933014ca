// One WebSocket that comes back by itself, and says in words how it stands.

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;
// The server repeats itself every 5 seconds: after this, the connection is dead even if nobody said so.
const SILENCE = 15000;

const REFUSALS = new Map([
  [4401, "Signed out"],
  [4403, "No permission to see this topic"],
  [4404, "This topic is gone"],
]);

export class Connection {
  #url;
  #handlers;
  #socket = null;
  #failures = 0;
  #received = 0;
  #retryTimer = 0;
  #silenceTimer = 0;

  /** handlers: opened(), message(object), status({kind, words, signedOut}) */
  constructor(url, handlers) {
    this.#url = url;
    this.#handlers = handlers;
    window.addEventListener("online", () => this.#retryNow());
  }

  open() {
    this.#status("connecting", "Connecting…");
    this.#received = 0;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#expectWords(socket);
    socket.addEventListener("open", () => this.#handlers.opened());
    socket.addEventListener("message", (event) => this.#receive(socket, event.data));
    socket.addEventListener("close", (event) => this.#lost(socket, event.code));
  }

  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  #receive(socket, text) {
    if (socket !== this.#socket) return;
    this.#expectWords(socket);
    this.#received += 1;
    this.#failures = 0;
    this.#status("live", "Live");
    this.#handlers.message(JSON.parse(text));
    // What is handled is on the screen; a server that hears nothing takes us for stalled.
    this.send({ type: "painted", messages: this.#received });
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
    if (socket !== this.#socket) return;
    this.#socket = null;
    clearTimeout(this.#silenceTimer);
    if (REFUSALS.has(code)) {
      this.#status("offline", REFUSALS.get(code), code === 4401);
      return;
    }
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.#failures += 1;
    this.#countDown(performance.now() + pause);
  }

  #countDown(due) {
    const left = due - performance.now();
    if (left <= 0) {
      this.open();
      return;
    }
    const words = navigator.onLine ? `Reconnecting in ${Math.ceil(left / 1000)} s` : "Offline";
    this.#status(navigator.onLine ? "reconnecting" : "offline", words);
    this.#retryTimer = setTimeout(() => this.#countDown(due), Math.min(left, 250));
  }

  #retryNow() {
    if (this.#socket === null && this.#retryTimer) {
      clearTimeout(this.#retryTimer);
      this.open();
    }
  }

  #status(kind, words, signedOut = false) {
    this.#handlers.status({ kind, words, signedOut });
  }
}
