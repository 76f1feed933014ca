// The same news without a WebSocket: asked for every two seconds.

const PAUSE = 2000;
const PATIENCE = 10_000;

export class Polling {
  #address;
  #handlers;
  #timer = 0;
  #running = false;

  /** handlers: cursor(), message(object), worked(), failed(), refused(code) */
  constructor(address, handlers) {
    this.#address = address;
    this.#handlers = handlers;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#ask();
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  async #ask() {
    let again = PAUSE;
    try {
      const address = `${this.#address}?cursor=${this.#handlers.cursor()}`;
      const options = { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE) };
      const answer = await fetch(address, options);
      if (!this.#running) return;
      if ([401, 403, 404].includes(answer.status)) {
        this.stop();
        this.#handlers.refused(4000 + answer.status);
        return;
      }
      if (!answer.ok) throw new Error(answer.statusText);
      const message = await answer.json();
      if (!this.#running) return;
      this.#handlers.worked();
      this.#handlers.message(message);
      if (message.more) again = 0;
    } catch {
      if (this.#running) this.#handlers.failed();
    }
    if (this.#running) this.#timer = setTimeout(() => this.#ask(), again);
  }
}
