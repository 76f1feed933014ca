// Which entries are wanted: kept in the page's address, asked of what arrives as the server asks it of what is there.

const NAMES = ["q", "provider", "producer"];

export class Filter {
  constructor({ q = "", provider = "", producer = "" } = {}) {
    Object.assign(this, { q, provider, producer });
    this.folded = fold(q.trim());
    Object.freeze(this);
  }

  static ofAddress() {
    const query = new URLSearchParams(window.location.search);
    return new Filter(Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ""])));
  }

  static ofForm(form) {
    return new Filter(Object.fromEntries(NAMES.map((name) => [name, form.elements[name].value])));
  }

  get empty() {
    return !this.folded && !this.provider && !this.producer;
  }

  matches(entry) {
    if (this.provider && entry.provider !== this.provider) return false;
    if (this.producer && String(entry.slot) !== this.producer) return false;
    return !this.folded || [entry.text, entry.found ?? ""].some((text) => fold(text).includes(this.folded));
  }

  /** As the query of an address, with whatever else is in the present one. */
  query() {
    const query = new URLSearchParams(window.location.search);
    for (const name of NAMES) {
      if (this[name]) query.set(name, this[name]);
      else query.delete(name);
    }
    return query.toString();
  }

  keepInAddress() {
    const query = this.query();
    history.replaceState(null, "", query ? `?${query}` : window.location.pathname);
  }
}

/** Without case and accents, as topics/folding.py has it. */
export function fold(text) {
  return text.replace(/ß|ẞ/g, "ss").normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
}
