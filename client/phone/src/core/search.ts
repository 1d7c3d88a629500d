// Finding as one types: every word that was typed must begin some word of what is looked for, and digits of a
// telephone number may stand anywhere in it, written in whatever way. Pure.

/** Letters that no accent was put on: they are taken for those that people type for them. */
const PLAIN: Readonly<Record<string, string>> = {
  æ: "ae",
  ð: "d",
  đ: "d",
  ħ: "h",
  ı: "i",
  ĸ: "k",
  ł: "l",
  ŋ: "n",
  ø: "o",
  œ: "oe",
  ß: "ss",
  ŧ: "t",
  þ: "th",
  ƀ: "b",
  ɓ: "b",
  ɗ: "d",
  ə: "e",
  ɨ: "i",
  ƙ: "k",
  ƶ: "z",
  ς: "σ",
  "‘": "'",
  "’": "'",
  ʼ: "'",
};
const NOT_PLAIN = new RegExp(`[${Object.keys(PLAIN).join("")}]`, "gu");
/** What people write between the digits of a number, and before them. */
const NUMBER = /^[+(]*\d[\d().\-/\u2010-\u2015]*$/;
const PHONES = / \d{7,15}(?= |$)/g;
const DIGITS_LEAST = 3;

/** Text as it is compared: lower case, without accents, words apart. */
export function fold(text: string): string {
  return text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(NOT_PLAIN, plainOf);
}

/** The words of some texts, each behind a space, so that " ann" finds where a word begins. */
export function wordsOf(texts: readonly string[]): string {
  return ` ${texts.map((text) => `${fold(text)} ${fold(text).replace(/[^\p{L}\p{N}]+/gu, " ")}`).join(" ")}`;
}

export function matches(words: string, typed: string): boolean {
  // Rows that an earlier version kept have letters that are plain by now.
  const known = words.search(NOT_PLAIN) < 0 ? words : fold(words);
  return wantedOf(typed).every((parts) => begin(known, parts) || isDialled(known, parts));
}

const plainOf = (letter: string): string => PLAIN[letter] ?? letter;

let latest: { readonly typed: string; readonly wanted: string[][] } | undefined;

/** What was typed, word by word, but the parts of a number together. Each row is asked for the same. */
function wantedOf(typed: string): string[][] {
  if (latest?.typed !== typed) latest = { typed, wanted: wanted(typed) };
  return latest.wanted;
}

function wanted(typed: string): string[][] {
  const found: string[][] = [];
  let number: string[] | null = null;
  for (const part of fold(typed)
    .replace(/\( *0 *\)/g, " ")
    .split(/\s+/)) {
    if (!part) continue;
    if (number && NUMBER.test(part)) {
      number.push(part);
      continue;
    }
    found.push([part]);
    number = NUMBER.test(part) ? (found.at(-1) ?? null) : null;
  }
  return found;
}

const begin = (words: string, parts: readonly string[]): boolean =>
  parts.every((part) => words.includes(` ${part}`));

/** Whether a number has these digits: without what is dialled before a country or a town. */
function isDialled(words: string, parts: readonly string[]): boolean {
  if (!NUMBER.test(parts[0] ?? "")) return false;
  const digits = parts.join("").replace(/\D/g, "").replace(/^00?/, "");
  return digits.length >= DIGITS_LEAST && (words.match(PHONES) ?? []).some((each) => each.includes(digits));
}
