// The fields of a message in words: a line of them for the picture, and each value for the panel.
// Read next: anatomy.js.

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

/** What a nested message comes to where it is one thing to people: an amount, a moment; null for others. */
const wholeValue = (field) => (field.fields && field.value != null ? plain(field.value) : null);
