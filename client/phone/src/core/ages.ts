// How long ago something was, in words, by the browser's own tables of languages. Pure.

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 7],
  ["week", 4.35],
  ["month", 12],
  ["year", Number.POSITIVE_INFINITY],
];

/** "3 minutes ago", "in 2 hours". */
export function ago(thenMs: number, nowMs: number, language: string): string {
  let size = (thenMs - nowMs) / 1000;
  for (const [unit, many] of STEPS) {
    if (Math.abs(Math.round(size)) < many) {
      return new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "long" }).format(Math.round(size), unit);
    }
    size /= many;
  }
  return "";
}

/** A day and a time, as short as it stays clear. */
export function moment(ms: number, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(ms);
}
