// A run over time, as its charts need it: the server's answers, added up. Knows no page and no chart.

const [NUMBER, PROVIDER, MADE, FAILED, UNPRICED, NAMED, NEW, USD] = [0, 1, 2, 3, 4, 5, 6, 7];

export class Series {
  #run = 0;
  #width = 1;
  #start = 0;
  #cursor = 0;
  #sums = new Map(); // by number of the bucket
  #providers = new Map();

  /** What we have, for the next question. */
  get known() {
    return { run: this.#run, width: this.#width, after: this.#cursor };
  }

  /** Add an answer; whether anything has changed. */
  take(answer) {
    const anew = answer.after === 0;
    // The answer to an older question: what it adds is here already.
    if (!anew && answer.after !== this.#cursor) return false;
    if (anew) this.#begin(answer);
    for (const bucket of answer.buckets) this.#add(bucket);
    this.#cursor = answer.cursor;
    return anew || answer.buckets.length > 0;
  }

  #begin({ run, width, start }) {
    this.#run = run;
    this.#width = width;
    this.#start = start;
    this.#sums.clear();
    this.#providers.clear();
  }

  #add(bucket) {
    addTo(this.#sums, bucket[NUMBER], bucket);
    addTo(this.#providers, bucket[PROVIDER], bucket);
  }

  /** One point for each stretch of time: {at, unique, perMinute, novelty, cost, requests}, sums up to it or of it. */
  points() {
    const points = [];
    const last = Math.max(-1, ...this.#sums.keys());
    let unique = 0;
    let cost = 0;
    for (let number = 0; number <= last; number++) {
      const sum = this.#sums.get(number);
      unique += sum?.unique ?? 0;
      cost += sum?.usd ?? 0;
      points.push({
        at: (this.#start + (number + 1) * this.#width) * 1000,
        unique,
        cost,
        perMinute: ((sum?.unique ?? 0) * 60) / this.#width,
        novelty: sum?.candidates ? (sum.unique / sum.candidates) * 100 : null,
        requests: sum?.requests ?? 0,
      });
    }
    return points;
  }

  /** By provider, the best first: {name, unique, share, usd, perDollar, perRequest}; `perDollar` null: not priced. */
  providers() {
    const all = [...this.#providers.entries()].map(([name, sum]) => ({
      name,
      ...sum,
      perDollar: sum.usd > 0 && !sum.unpriced ? sum.unique / sum.usd : null,
      perRequest: sum.requests ? sum.unique / sum.requests : 0,
    }));
    const unique = all.reduce((total, each) => total + each.unique, 0);
    for (const each of all) each.share = unique ? (each.unique / unique) * 100 : 0;
    return all.sort((one, other) => other.unique - one.unique);
  }
}

function addTo(sums, key, bucket) {
  const sum = sums.get(key) ?? { requests: 0, failed: 0, unpriced: 0, candidates: 0, unique: 0, usd: 0 };
  sum.requests += bucket[MADE];
  sum.failed += bucket[FAILED];
  sum.unpriced += bucket[UNPRICED];
  sum.candidates += bucket[NAMED];
  sum.unique += bucket[NEW];
  sum.usd += bucket[USD];
  sums.set(key, sum);
}
