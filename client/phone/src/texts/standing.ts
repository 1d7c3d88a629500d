// The texts of the screens that are loaded when they are first looked at: beside the others, of the same languages.
import { added, type Language } from ".";
import type { StandingTexts } from "./standing_en";

const LOADERS: Readonly<Record<Language, () => Promise<StandingTexts>>> = {
  en: async () => (await import("./standing_en")).standing_en,
  pl: async () => (await import("./standing_pl")).standing_pl,
  ru: async () => (await import("./standing_ru")).standing_ru,
  lt: async () => (await import("./standing_lt")).standing_lt,
};

export async function loadStanding(language: Language): Promise<StandingTexts> {
  return added(language, await LOADERS[language]());
}
