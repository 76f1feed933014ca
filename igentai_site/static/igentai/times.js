// Times for people: how long ago, and the exact one, in UTC, on hover and for whoever reads the row that has the focus.

const ALL_EVERY = 15; // old ones change seldom

export function showTime(place, at) {
  place.dataset.relative = "";
  if (place.dateTime === at && at) return tick(place, Date.now());
  place.dateTime = at;
  place.title = exactWords(at);
  tick(place, Date.now());
}

export function exactWords(at) {
  return at ? `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC` : "";
}

export function relativeWords(at, now) {
  if (!at) return "–";
  const seconds = Math.round((now - Date.parse(at)) / 1000);
  // The clocks of server and browser may differ a little.
  if (seconds < -5) return `in ${duration(-seconds)}`;
  return seconds < 1 ? "now" : `${duration(seconds)} ago`;
}

function duration(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

function tick(place, now) {
  const words = relativeWords(place.dateTime, now);
  if (place.textContent !== words) place.textContent = words;
}

/** Keep every relative time up to date, as long as somebody can see it. */
export function keepTimes() {
  let round = 0;
  setInterval(() => {
    if (document.hidden) return;
    round += 1;
    const now = Date.now();
    for (const place of document.querySelectorAll("time[data-relative]")) {
      if (round % ALL_EVERY === 0 || now - Date.parse(place.dateTime) < 70_000) tick(place, now);
    }
  }, 1000);
}
