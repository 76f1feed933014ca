// Answers of the server in JSON.

/** The object at an address; where there is none, an Error with words for people, and the status of an answer. */
export async function fetchJson(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, { ...options, headers: { Accept: "application/json" } });
  } catch {
    throw new Error("The portal does not answer.");
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const words = told.detail ?? `The portal answered with status ${answer.status}.`;
    throw Object.assign(new Error(words), { status: answer.status });
  }
  return told;
}
