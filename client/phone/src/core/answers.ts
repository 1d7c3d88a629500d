// What was asked of the server and is kept as it was answered: standings, segments, members. Pure.
// An answer is of a revision; a later change of what it tells of makes it old, and then it is asked for again.

/** An answer as it was last seen. */
export interface AnswerRow {
  /** What it answers: "customers/blue-door/standing", "segments", "segments/win-back/customers". */
  readonly key: string;
  /** The encoded answer; null while it was asked for and never came. */
  readonly record: Uint8Array | null;
  /** The language of its sentences. */
  readonly language: string;
  /** The revision that it reflects. */
  readonly asOf: string;
  /** When it came, by the phone's clock. */
  readonly seenAt: number;
  /** The last revision that changed what it tells of; "0" where none is known. */
  readonly turned: string;
}

export const SEGMENTS = "segments";
export const standingOf = (customer: string): string => `${customer}/standing`;
export const membersOf = (segment: string): string => `${segment}/customers`;

/** Whether a change of the resource `name` is one of what is told under `key`. The policy is behind all of it. */
export function turns(name: string, key: string): boolean {
  const [noun = "", id = ""] = name.split("/");
  return noun === "policy" || noun === key || key.startsWith(`${noun}/${id}/`);
}

export function isOld(row: AnswerRow): boolean {
  return BigInt(row.turned) > BigInt(row.asOf);
}

/** For how long an answer is called the present: days pass, and what others buy moves lines that no change tells. */
const PRESENT_MS = 5 * 60_000;

/** Whether it may be called the present: it is not from long ago, the feed is open, and told of no change. */
export function isPresent(row: AnswerRow, live: boolean, nowMs: number): boolean {
  return live && !isOld(row) && row.record !== null && Math.abs(nowMs - row.seenAt) < PRESENT_MS;
}
