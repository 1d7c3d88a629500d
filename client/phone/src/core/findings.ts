// A standing as people read it: what holds first, sentences with names instead of codes, measures as bars. Pure.

import type { Finding, Measure, Standing } from "../gen/clientela/v1/standing_pb";
import { oneDot } from "../texts/dots";

export const STAGES = ["POTENTIAL", "NEW", "REGULAR", "LOYAL", "LOST"] as const;
export const KINDS = [
  "INDIVIDUAL",
  "BUSINESS",
  "B2C",
  "B2B",
  "SEASONAL",
  "STRATEGIC",
  "MASS",
  "RETAIL",
  "BUYER",
  "CLIENT",
] as const;

/** The stage by its name; empty where none of the five holds, and for one that this version does not know. */
export function stageOf(standing: Standing): string {
  return STAGES[standing.stage - 1] ?? "";
}

export function kindsOf(standing: Standing): string[] {
  return standing.kinds.map((kind) => KINDS[kind - 1] ?? "").filter(Boolean);
}

/** The findings in the order in which they are read. */
export interface Reading {
  /** That of the stage; null between two stages. */
  readonly stage: Finding | null;
  readonly held: readonly Finding[];
  readonly others: readonly Finding[];
}

export function readingOf(standing: Standing): Reading {
  const name = stageOf(standing);
  const stage = standing.findings.find((each) => each.holds && each.label === name) ?? null;
  return {
    stage,
    held: standing.findings.filter((each) => each.holds && each !== stage),
    others: standing.findings.filter((each) => !each.holds),
  };
}

const QUOTES: Readonly<Record<string, string>> = { en: "“”", pl: "„”", ru: "«»", lt: "„“" };

/** A sentence of the server for the eye: the label by its name, days and amounts as the language writes them. */
export function readable(sentence: string, label: string, name: string, language: string): string {
  const [open = "", close = ""] = QUOTES[language] ?? QUOTES.en ?? "";
  const day = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
  const text = sentence
    .replace(new RegExp(`\\b${label}\\b`, "g"), () => open + name + close)
    .replace(/\b\d{4}-\d\d-\d\d\b/g, (written) => day.format(new Date(`${written}T00:00:00Z`)))
    .replace(/(\d+(?:\.\d+)?) ([A-Z]{3})\b/g, (_, amount, code) => money(amount, code, language))
    .replace(/(\d) %/g, "$1\u00a0%");
  const whole = text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
  return oneDot(/[.!?]$/.test(whole) ? whole : `${whole}.`);
}

/** How much of a bar is filled, and where on it the threshold is marked; in percent of its length. */
export interface Bar {
  readonly filled: number;
  readonly mark: number;
}

/** The bar of a measure; null where there is nothing to reach, or where more is not further. */
export function barOf({ name, value, threshold, unit }: Measure): Bar | null {
  const [is, line] = [Number(value?.value ?? 0), Number(threshold?.value ?? 0)];
  if (!unit || name === "rank" || !(line > 0)) return null;
  const whole = Math.max(is, line) * (unit === "%" ? 1 : 1.15);
  const length = unit === "%" ? Math.max(whole, 100) : whole;
  return { filled: (Math.max(is, 0) / length) * 100, mark: (line / length) * 100 };
}

const UNITS: Readonly<Record<string, Intl.NumberFormatOptions>> = {
  days: { style: "unit", unit: "day", unitDisplay: "long" },
  months: { style: "unit", unit: "month", unitDisplay: "long" },
  years: { style: "unit", unit: "year", unitDisplay: "long" },
  "%": { style: "unit", unit: "percent" },
  purchases: {},
  clients: {},
};

/** A measured value with its unit; null for yes and no, which have none. A unit that is not known is a category. */
export function showMeasured(value: string, unit: string, language: string): string | null {
  if (!unit) return null;
  if (/^[A-Z]{3}$/.test(unit)) return money(value, unit, language);
  const told = formatted(value, language, UNITS[unit] ?? {});
  return unit in UNITS ? told : `${told} · ${unit}`;
}

function money(value: string, currency: string, language: string): string {
  return formatted(value, language, { style: "currency", currency, maximumFractionDigits: 9 });
}

/** A decimal text is formatted exactly; a number would go through a float. */
function formatted(value: string, language: string, options: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(language, options).format(value as `${number}`);
}
