// The texts of the screens that are loaded when they are first looked at: beside the others, of the same languages.
import { added, type Language } from ".";
import type { InsightTexts } from "./insight_en";

const LOADERS: Readonly<Record<Language, () => Promise<InsightTexts>>> = {
  en: async () => (await import("./insight_en")).insight_en,
  pl: async () => (await import("./insight_pl")).insight_pl,
  ru: async () => (await import("./insight_ru")).insight_ru,
  lt: async () => (await import("./insight_lt")).insight_lt,
};

export async function loadInsight(language: Language): Promise<InsightTexts> {
  return added(language, await LOADERS[language]());
}
