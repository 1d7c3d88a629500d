// One typed table: four languages, the same keys. `say` fills in, and chooses the form that a number takes.
// Only the language that is spoken is loaded, before anything is shown in it.
import { oneDot } from "./dots";
import type { Texts } from "./en";
import type { StandingTexts } from "./standing_en";

export type Key = keyof Texts | keyof StandingTexts;
export type Language = "en" | "pl" | "ru" | "lt";

export const LANGUAGES: Readonly<Record<Language, string>> = {
  en: "English",
  pl: "Polski",
  ru: "Русский",
  lt: "Lietuvių",
};

const loaded: Partial<Record<Language, Partial<Record<Key, string>>>> = {};

const LOADERS: Readonly<Record<Language, () => Promise<Texts>>> = {
  en: async () => (await import("./en")).en,
  pl: async () => (await import("./pl")).pl,
  ru: async () => (await import("./ru")).ru,
  lt: async () => (await import("./lt")).lt,
};

export async function load(language: Language): Promise<Texts> {
  return added(language, await LOADERS[language]());
}

/** Say these too, from now on. */
export function added<T extends Partial<Record<Key, string>>>(language: Language, texts: T): T {
  loaded[language] = { ...loaded[language], ...texts };
  return texts;
}

/** A language's texts; while they are not loaded, those of another one. */
function textsOf(language: Language): Partial<Record<Key, string>> {
  return loaded[language] ?? Object.values(loaded)[0] ?? {};
}

/** The keys that come in the forms of a number, without their endings. */
type Counted<K> = K extends `${infer Stem}_other` ? Stem : never;
export type CountedKey = Counted<Key>;

export function fill(text: string, facts: Readonly<Record<string, string>> = {}): string {
  return oneDot(text.replace(/\{(\w+)\}/g, (whole, name: string) => facts[name] ?? whole));
}

export function say(language: Language, key: Key, facts?: Readonly<Record<string, string>>): string {
  return fill(textsOf(language)[key] ?? key, facts);
}

export function count(language: Language, stem: CountedKey, n: number): string {
  const form = new Intl.PluralRules(language).select(n);
  const texts: Readonly<Record<string, string | undefined>> = textsOf(language);
  return fill(texts[`${stem}_${form}`] ?? texts[`${stem}_other`] ?? "", {
    n: new Intl.NumberFormat(language).format(n),
  });
}
