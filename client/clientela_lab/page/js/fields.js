// The fields of a message in words: a line of them for the picture, and each value for the panel.
// Read next: anatomy.js.

const MONEY = new Set(["currency_code", "units", "nanos"]);
const MOMENT = new Set(["seconds", "nanos"]);

/** One line of what a message says: note "two bags" · amount 240.00 EUR. */
function summary(fields, longest = 160) {
  const words = [];
  let length = 0;
  for (const [name, value] of leaves(fields ?? [])) {
    words.push(`${name} ${value}`);
    length += name.length + value.length + 4;
    if (length > longest) break;
  }
  return longest === Infinity ? words.join(" · ") : cut(words.join(" · "), longest);
}

function* leaves(fields) {
  for (const field of fields) {
    const name = nameOf(field);
    const whole = wholeValue(field);
    if (whole !== null) yield [name, whole];
    else if (field.fields) yield* leaves(field.fields);
    else yield [name, valueWords(field)];
  }
}

const nameOf = (field) => field.name ?? `#${field.number}`;

/** A value as it is read: texts in quotes, numbers plain. */
function valueWords(field) {
  const { value } = field;
  if (field.type === "string") return JSON.stringify(String(value));
  return plain(value);
}

/** Money and moments are one thing to people, though several fields on the wire; null for others. */
function wholeValue(field) {
  if (!field.fields?.length) return null;
  const parts = Object.fromEntries(field.fields.map((part) => [part.name, part.value]));
  const names = Object.keys(parts);
  if ("currency_code" in parts && names.every((name) => MONEY.has(name))) return moneyWords(parts);
  if ("seconds" in parts && names.every((name) => MOMENT.has(name))) return momentWords(parts);
  return null;
}

function moneyWords({ currency_code: currency, units = 0, nanos = 0 }) {
  const cents = String(Math.abs(Number(nanos))).padStart(9, "0").replace(/0{1,7}$/, "");
  return `${units}.${cents.padEnd(2, "0")} ${currency}`;
}

function momentWords({ seconds = 0, nanos = 0 }) {
  const moment = new Date(Number(seconds) * 1000 + Math.floor(Number(nanos) / 1e6));
  return Number.isNaN(moment.getTime()) ? `${seconds} s` : moment.toISOString().replace("T", " ").replace(".000Z", "Z");
}
