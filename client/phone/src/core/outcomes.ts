// What an answer proves: done, not done, or nothing at all.
//
// Not done is proven only by the codes below, and only where the answer is signed: the server puts an ErrorInfo of
// the domain "clientela" into each error, so a proxy's or a captive portal's 403 is not mistaken for its word.

/** The codes that prove that nothing was written (docs/errors.md). */
export const PROOFS: ReadonlySet<string> = new Set([
  "INVALID_ARGUMENT",
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "FAILED_PRECONDITION",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "ABORTED",
]);

/** Refusals of the caller, not of the request: they say nothing about an earlier attempt. */
export const ABOUT_THE_CALLER: ReadonlySet<string> = new Set([
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "UNIMPLEMENTED",
]);

/** Errors of the server about one request, which may be so for ever: they must not block the others. */
export const PECULIAR: ReadonlySet<string> = new Set(["INTERNAL", "UNKNOWN", "DATA_LOSS"]);

export interface Done {
  readonly done: true;
  /** The journal's revision of the write; null where it is known to be done, but not where. */
  readonly revision: bigint | null;
  readonly etag?: string;
}

export interface Failed {
  readonly done: false;
  /** The name of the gRPC code. */
  readonly code: string;
  /** Whether it is the server's own word. */
  readonly signed: boolean;
  readonly reason: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, string>>;
  /** What the server asks to wait before the next attempt, in ms; 0 where it does not say. */
  readonly waitMs: number;
}

export type Answer = Done | Failed;

export function provesNotDone(answer: Failed): boolean {
  return answer.signed && PROOFS.has(answer.code);
}

/** The server itself says that it does not know the token. */
export function isUnknown(fault: Failed): boolean {
  return fault.signed && fault.code === "UNAUTHENTICATED";
}

/** An error of no answer at all. */
export function silence(message: string): Failed {
  return { done: false, code: "UNAVAILABLE", signed: false, reason: "", message, facts: {}, waitMs: 0 };
}
