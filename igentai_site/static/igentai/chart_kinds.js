// The charts of a run: for each its data, a sentence that says the same, and the rows of its table.

const whole = (value) => Math.round(value).toLocaleString("en-GB");
const decimal = (value) => value.toLocaleString("en-GB", { maximumFractionDigits: 1 });
const money = (value) => `$${value.toFixed(value >= 1 ? 2 : 4)}`;
const percent = (value) => (value === null ? "–" : `${decimal(value)}%`);
const clock = (at) => new Date(at).toISOString().slice(11, 19);
const moment = (at) => new Date(at).toISOString().slice(0, 19).replace("T", " ");

function overTime({ name, title, field, words, sentence, type = "line" }) {
  return {
    name,
    title,
    type,
    words,
    heads: ["Until (UTC)", title],
    labels: ({ points }) => points.map(({ at }) => clock(at)),
    values: ({ points }) => points.map((point) => point[field]),
    rows: ({ points }) => points.map((point) => [moment(point.at), words(point[field])]).reverse(),
    sentence: ({ points }) => sentence(points, points.at(-1)),
  };
}

function byProvider({ name, title, value, words, sentence }) {
  return {
    name,
    title,
    type: "bar",
    words,
    horizontal: true,
    heads: ["Provider", title],
    labels: ({ providers }) => providers.map((each) => each.name),
    values: ({ providers }) => providers.map(value),
    rows: ({ providers }) => providers.map((each) => [each.name, words(value(each))]),
    sentence: ({ providers }) => sentence(providers),
  };
}

const most = (points, field) => points.reduce((best, point) => (point[field] > best[field] ? point : best));
const namesAndValues = (providers, words) => providers.map((each) => `${each.name} ${words(each)}`).join(", ");
const yieldOf = (each) => each.perDollar ?? 0;
const brought = (each) => (each.perDollar === null ? `not priced, ${decimal(each.perRequest)} a request` : whole(each.perDollar));

export const KINDS = [
  overTime({
    name: "unique",
    title: "Unique over time",
    field: "unique",
    words: whole,
    sentence: (points, last) => `${whole(last.unique)} unique entries in this run by ${clock(last.at)} UTC.`,
  }),
  overTime({
    name: "per-minute",
    title: "Unique per minute",
    field: "perMinute",
    words: whole,
    type: "bar",
    sentence: (points) => {
      // The last stretch is not over, or the run ended within it: it tells of too few entries.
      const best = most(points, "perMinute");
      const complete = points.at(-2);
      if (!complete) return "The first stretch of time is not over yet.";
      return `${whole(complete.perMinute)} a minute at the end, at most ${whole(best.perMinute)} (${clock(best.at)} UTC).`;
    },
  }),
  overTime({
    name: "novelty",
    title: "Novelty rate",
    field: "novelty",
    words: percent,
    sentence: (points) => {
      const known = points.filter((point) => point.novelty !== null);
      if (known.length === 0) return "No candidates so far.";
      return `${percent(known[0].novelty)} of the candidates were new at first, ${percent(known.at(-1).novelty)} at last.`;
    },
  }),
  overTime({
    name: "cost",
    title: "Cost",
    field: "cost",
    words: money,
    sentence: (points, last) => `${money(last.cost)} spent on requests of known price by ${clock(last.at)} UTC.`,
  }),
  byProvider({
    name: "share",
    title: "Share of new entries",
    value: (each) => each.share,
    words: percent,
    sentence: (providers) => `New entries: ${namesAndValues(providers, (each) => percent(each.share))}.`,
  }),
  byProvider({
    name: "yield",
    title: "New entries per dollar",
    value: yieldOf,
    words: whole,
    sentence: (providers) => `New entries for a dollar: ${namesAndValues(providers, brought)}.`,
  }),
];
