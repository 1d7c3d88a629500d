// The ids of what the phone makes. The only module that asks for random ones.

/** A request's id, made at the tap. */
export function newRequestId(): string {
  return crypto.randomUUID();
}

/** The resource's id that goes with a request: 19 random hex digits, so the ledger itself knows a write again. */
export function idFrom(letter: string, requestId: string): string {
  const digits = requestId.replaceAll("-", "");
  // The 13th digit of a UUID is its version: not random.
  return letter + digits.slice(0, 12) + digits.slice(13, 20);
}
