// What a call made true: the journal's entries, each with the record before and after, and what changed marked.
// Read next: panel.js.

const ENTRIES_SHOWN = 20;

/** @param {Event_[]} entries */
function drawEntries(entries) {
  const more = entries.length - ENTRIES_SHOWN;
  return el(
    "section.journal", {},
    el("h3", {}, "What the server made true"),
    entries.slice(0, ENTRIES_SHOWN).map(drawEntry),
    more > 0 && el("p.quiet", {}, `${more.toLocaleString("en")} more entries are in the recording.`),
  );
}

function drawEntry(entry) {
  const facts = [["actor", entry.actor], ["by", shortName(entry.method)], ["request id", entry.request_id], ["committed", entry.commit_time]];
  const said = facts.filter(([, value]) => value).map(([name, value]) => el("span", {}, `${name} `, el("b", {}, String(value))));
  return el("div.made", {}, el("h4", {}, el("span.revision", {}, `revision ${entry.revision}`), ` ${entry.name ?? ""}`), el("p.facts", {}, ...said), drawStage(entry), drawRecord(entry));
}

/** The stage, where it changed with the entry, and the evidence: the reason of each stage that it was or is. */
function drawStage({ stage_change: moved }) {
  if (!moved) return null;
  const reasons = (moved.findings ?? []).map((finding) => el("li", {}, `${finding.label} ${finding.holds ? "holds" : "does not hold"}: ${finding.explanation ?? ""}`));
  return el("div.stage", {}, el("p", {}, "stage ", el("b", {}, stageWords(moved))), el("ul", {}, ...reasons));
}

const stageWords = (moved) => `${stageWord(moved.from_stage)} → ${stageWord(moved.to_stage)}`;
/** A stage that is not there is none of the five: what is zero is not sent. */
const stageWord = (stage) => stage?.replace("STAGE_", "") ?? "between stages";

function drawRecord(entry) {
  const lines = changes(entry.before, entry.after);
  if (!lines.length) return entry.stage_change ? null : el("p.quiet", {}, "The record itself is not in the recording.");
  const head = el("tr", {}, el("th", { scope: "col" }, "field"), el("th", { scope: "col" }, "before"), el("th", { scope: "col" }, "after"));
  return el("table.record", {}, el("thead", {}, head), el("tbody", {}, lines.map(drawChange)));
}

function drawChange({ path, before, after, changed }) {
  const name = el("th", { scope: "row" }, path, changed && el("span.sr", {}, " (changed)"));
  return el(`tr${changed ? ".changed" : ""}`, {}, name, el("td", {}, before ?? "–"), el("td", {}, after ?? "–"));
}

/** All fields of a record, before and after, in the order in which they stand. */
function changes(before, after) {
  const [old, now] = [flat(before), flat(after)];
  return [...new Set([...now.keys(), ...old.keys()])].map((path) => ({
    path, before: old.get(path), after: now.get(path), changed: old.get(path) !== now.get(path),
  }));
}

/** {amount: {units: 3}} as amount.units: 3. */
function flat(value, path = "", found = new Map()) {
  if (value && typeof value === "object") {
    for (const [name, part] of Object.entries(value)) flat(part, path ? `${path}.${name}` : name, found);
  } else if (value !== null && value !== undefined) found.set(path || "value", plain(value));
  return found;
}
