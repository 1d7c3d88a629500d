// What this phone prefers: kept where it can be read before the first paint.
import { LANGUAGES, type Language } from "./texts";

export type Theme = "system" | "light" | "dark";

export function language(): Language {
  const asked = [localStorage.getItem("language"), ...navigator.languages].map((tag) => tag?.slice(0, 2));
  return (asked.find((tag) => tag && tag in LANGUAGES) ?? "en") as Language;
}

export function setLanguage(to: Language): void {
  localStorage.setItem("language", to);
  document.documentElement.lang = to;
}

export function theme(): Theme {
  return (localStorage.getItem("theme") ?? "system") as Theme;
}

export function setTheme(to: Theme): void {
  localStorage.setItem("theme", to);
  document.documentElement.dataset.theme = to;
}

export function currency(): string {
  return localStorage.getItem("currency") ?? "EUR";
}

export function setCurrency(to: string): void {
  localStorage.setItem("currency", to);
}

/** Before the first paint. */
export function dress(): void {
  document.documentElement.lang = language();
  document.documentElement.dataset.theme = theme();
}
