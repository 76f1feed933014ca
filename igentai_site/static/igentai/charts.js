// Draws a run over time, with Chart.js; asks for what is new while somebody looks.

import { KINDS } from "./chart_kinds.js";
import { copyOf, fill, one, setText } from "./dom.js";
import { fetchJson } from "./fetching.js";
import { Series } from "./series.js";

const EVERY = 5000;
const COLOURS = 6;

export class Charts {
  #root;
  #isSeen;
  #refused;
  #series = new Series();
  #places = [];

  /** isSeen(): whether anybody would see a change, and may; refused(): nobody may any more. */
  constructor(root, isSeen, refused) {
    this.#root = root;
    this.#isSeen = isSeen;
    this.#refused = refused;
  }

  /** Draw now and from then on. */
  keepUp() {
    this.#refresh();
    document.addEventListener("visibilitychange", () => this.#refresh());
    const repaint = () => {
      const colours = presentColours();
      for (const place of this.#places) place.colour(colours);
    };
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    setInterval(() => this.#refresh(), EVERY);
  }

  async #refresh() {
    if (!this.#isSeen()) return;
    try {
      const answer = await fetchJson(`${this.#root.dataset.url}?${new URLSearchParams(this.#series.known)}`);
      if (this.#series.take(answer)) this.#draw();
    } catch (error) {
      if (error.status === 401 || error.status === 403) this.#refused();
      // The connection's words say that something is wrong; the next round may work.
    }
  }

  #draw() {
    const data = { points: this.#series.points(), providers: this.#series.providers() };
    const empty = data.points.length === 0;
    one("[data-no-charts]", this.#root).hidden = !empty;
    const places = one("[data-chart-places]", this.#root);
    places.hidden = empty;
    if (empty) return;
    if (this.#places.length === 0) this.#places = KINDS.map((kind, number) => new Place(kind, number, places));
    for (const place of this.#places) place.draw(data);
  }
}

/** One chart with its sentence and its table. */
class Place {
  #kind;
  #number;
  #figure;
  #chart;
  #data = null;

  constructor(kind, number, places) {
    this.#kind = kind;
    this.#number = number;
    this.#figure = fill(copyOf("chart-place"), { title: kind.title });
    this.#figure.dataset.chart = kind.name;
    places.append(this.#figure);
    one("[role=region]", this.#figure).setAttribute("aria-label", `${kind.title}, as a table`);
    for (const head of kind.heads) {
      const cell = document.createElement("th");
      cell.scope = "col";
      setText(cell, head);
      one("thead tr", this.#figure).append(cell);
    }
    one("details", this.#figure).addEventListener("toggle", () => this.#showTable());
    this.#chart = new Chart(one("canvas", this.#figure), configuration(kind));
    this.colour(presentColours());
  }

  draw(data) {
    this.#data = data;
    this.#chart.data.labels = this.#kind.labels(data);
    this.#chart.data.datasets[0].data = this.#kind.values(data);
    this.#chart.update();
    const sentence = this.#kind.sentence(data);
    setText(one("[data-field=sentence]", this.#figure), sentence);
    one("canvas", this.#figure).setAttribute("aria-label", `${this.#kind.title}. ${sentence}`);
    this.#showTable();
  }

  colour({ series, words, lines }) {
    const colour = series[this.#number % series.length];
    Object.assign(this.#chart.data.datasets[0], { borderColor: colour, backgroundColor: colour });
    for (const scale of Object.values(this.#chart.options.scales)) {
      scale.ticks.color = words;
      scale.grid.color = lines;
      scale.border.color = lines;
    }
    this.#chart.update();
  }

  #showTable() {
    if (this.#data === null || !one("details", this.#figure).open) return;
    const rows = this.#kind.rows(this.#data).map((cells) => {
      const row = document.createElement("tr");
      for (const words of cells) setText(row.insertCell(), words);
      return row;
    });
    one("tbody", this.#figure).replaceChildren(...rows);
  }
}

/** The colours of the present theme, as a canvas understands them: what a variable holds, `light-dark()`, it does not. */
function presentColours() {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const of = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const series = Array.from({ length: COLOURS }, (_, number) => of(`--chart-${number + 1}`));
  const colours = { series, words: of("--body-quiet-color"), lines: of("--hairline-color") };
  probe.remove();
  return colours;
}

function configuration({ type, words, horizontal = false }) {
  const value = { beginAtZero: true, ticks: { maxTicksLimit: 5, callback: (tick) => words(tick) }, grid: {}, border: {} };
  // No line can be drawn through one point.
  const pointRadius = ({ dataset }) => (dataset.data.length === 1 ? 3 : 0);
  const ticks = { maxTicksLimit: 5, maxRotation: 0, autoSkip: !horizontal, autoSkipPadding: 12 };
  const label = { ticks, grid: {}, border: {} };
  return {
    type,
    data: { labels: [], datasets: [{ data: [], borderWidth: 2, pointRadius, pointHitRadius: 8, spanGaps: true }] },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      indexAxis: horizontal ? "y" : "x",
      interaction: { mode: "index", intersect: false, axis: horizontal ? "y" : "x" },
      plugins: { legend: { display: false } },
      scales: horizontal ? { x: value, y: label } : { x: label, y: value },
    },
  };
}
