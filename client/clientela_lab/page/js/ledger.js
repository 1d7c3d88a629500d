// Belief and truth: what each client takes to be so, beside what the server holds. A row is red where they differ,
// or where the client is in doubt.
// Read next: rows.js.

/**
 * @typedef {{client: string, about: string, belief: Event_|null, truth: Event_|null, red: boolean}} Line
 */

/** The last word of each client about each thing, joined with the last truth about it. @returns {Line[]} */
function ledgerLines(events) {
  const truths = new Map();
  const lines = new Map();
  for (const event of events) {
    if (event.event === "truth") truths.set(event.about, event);
    if (event.event === "belief") lines.set(JSON.stringify([event.client, event.about]), event);
  }
  const joined = [...lines.values()].map((belief) => join(belief, truths.get(belief.about) ?? null));
  const believed = new Set(joined.map((line) => line.about));
  const alone = [...truths.values()].filter((truth) => !believed.has(truth.about));
  return [...joined, ...alone.map((truth) => join(null, truth))];
}

/** @returns {Line} */
function join(belief, truth) {
  const client = belief?.client ?? "";
  const about = (belief ?? truth).about;
  return { client, about, belief, truth, red: doubtful(belief) || Boolean(belief && truth && differ(belief, truth)) };
}

const doubtful = (belief) => belief?.outcome === "in doubt";
/** Who names no value is right about whatever it is. */
const differ = (belief, truth) => belief.value != null && plain(belief.value) !== plain(truth.value);

/** The words of a belief: "in doubt", "done: 240.00". */
function beliefWords(belief) {
  if (!belief) return "nothing";
  const value = plain(belief.value);
  return value ? `${belief.outcome}: ${value}` : belief.outcome;
}
