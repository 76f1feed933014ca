// Answers of the server in JSON.

/** The object at an address; an Error with words for people where there is none. */
export async function fetchJson(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, { ...options, headers: { Accept: "application/json" } });
  } catch {
    throw new Error("The portal does not answer.");
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.detail ?? `The portal answered with status ${answer.status}.`);
  return told;
}
