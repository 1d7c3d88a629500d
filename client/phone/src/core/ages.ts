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
      return new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "long" }).format(
        Math.round(size),
        unit,
      );
    }
    size /= many;
  }
  return "";
}

/** When something was, as short as it stays clear: of today the time, of this year no year. */
export function moment(ms: number, nowMs: number, language: string): string {
  const time = new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(ms);
  const [then, now] = [new Date(ms), new Date(nowMs)];
  if (then.toDateString() === now.toDateString()) return time;
  return `${day(ms, nowMs, language)}, ${time}`;
}

/** A day; of this year without the year. */
export function day(ms: number, nowMs: number, language: string): string {
  const sameYear = new Date(ms).getFullYear() === new Date(nowMs).getFullYear();
  const year = sameYear ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(language, { month: "short", day: "numeric", ...year }).format(ms);
}
