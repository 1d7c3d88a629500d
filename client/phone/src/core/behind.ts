// How far the copy is behind the ledger, and when reading all of it afresh is less work than what happened since. Pure.

/** So many changes are taken one by one, whatever else holds: they are a few answers. */
const TAKEN_MOST = 2_000;
/** Not again so soon: while somebody imports, the lists would be read over and over. */
const APART_MS = 60_000;

/** What lists show is a row a customer, and what the feed brings a row a change. */
export function isTooFar(behind: bigint, customers: number): boolean {
  return behind > BigInt(Math.max(TAKEN_MOST, customers));
}

export function mayFill(filledAt: number, nowMs: number): boolean {
  return Math.abs(nowMs - filledAt) >= APART_MS;
}
