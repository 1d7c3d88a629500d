// Finding as one types: every word that was typed must begin some word of what is looked for. Pure.

/** Text as it is compared: lower case, without accents, words apart. */
export function fold(text: string): string {
  return text
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replaceAll("ł", "l")
    .replaceAll("ø", "o")
    .replaceAll("ß", "ss");
}

/** The words of some texts, each behind a space, so that " ann" finds where a word begins. */
export function wordsOf(texts: readonly string[]): string {
  return ` ${texts.map((text) => `${fold(text)} ${fold(text).replace(/[^\p{L}\p{N}]+/gu, " ")}`).join(" ")}`;
}

export function matches(words: string, typed: string): boolean {
  return fold(typed)
    .split(/\s+/)
    .every((part) => !part || words.includes(` ${part}`));
}
