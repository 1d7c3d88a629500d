// The outbox's rules: what becomes of a write that was tapped. Pure: no clock, no disk, no network.
//
//   queued ──► sending ──► accepted            the journal holds it
//                │  ▲ └──► refused             it provably does not: needs attention, blocks nobody
//                ▼  │
//              doubt ┘                          no answer: it is asked again with the same request id
//
// 1. What is sent is on disk first, and "sending" is on disk before it leaves: a crash then leaves a doubt.
// 2. Only a signed proof (outcomes.ts) makes a refusal. All else is a doubt.
// 3. The resource's id is made at the tap too, so the ledger itself knows a write that came twice, also under
//    another token, which the request id alone does not protect.
// 4. A doubt is asked again however old it is: the server keeps request ids for good.
import { pauseMs } from "./backoff";
import { ABOUT_THE_CALLER, type Answer, type Done, type Failed, PECULIAR, provesNotDone } from "./outcomes";

export type State = "queued" | "sending" | "doubt" | "accepted" | "refused";
/** Why somebody has to look at it. */
export type Attention = "refused" | "unclear" | "restored";
export type Kind = "purchase" | "customer" | "edit";

export interface Refusal {
  readonly code: string;
  readonly reason: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** One write, as it is on disk. */
export interface Item {
  /** Its place in the queue; given by the store. */
  readonly seq: number;
  readonly requestId: string;
  readonly kind: Kind;
  /** The encoded request. */
  readonly message: Uint8Array;
  /** The customer's resource name. */
  readonly customer: string;
  /** The resource that comes of it: a purchase's name, or the customer's. */
  readonly about: string;
  /** For people: the customer's display name. */
  readonly title: string;
  /** For people: the amount as "EUR 12.50"; empty where there is none. */
  readonly amount: string;
  readonly tappedAt: number;
  readonly state: State;
  readonly attempts: number;
  /** Whether some attempt got no answer that proves anything. */
  readonly doubted: boolean;
  /** How often the server itself answered without proving anything. */
  readonly peculiar: number;
  readonly firstSentAt: number | null;
  readonly notBefore: number;
  readonly attention: Attention | null;
  /** The journal's revision, as digits. */
  readonly revision: string | null;
  readonly etag: string | null;
  readonly refusal: Refusal | null;
  /** What the last attempt met, for people who ask. */
  readonly lastError: string;
  readonly settledAt: number | null;
}

/** What the feed tells of a write. */
export interface Seen {
  readonly revision: bigint;
  /** The version that a customer got by it; empty of a purchase. */
  readonly etag: string;
}

export type NewItem = Pick<
  Item,
  "requestId" | "kind" | "message" | "customer" | "about" | "title" | "amount" | "tappedAt"
>;

const PECULIAR_MAX = 5;

export function tapped(item: NewItem): Omit<Item, "seq"> {
  return {
    ...item,
    state: "queued",
    attempts: 0,
    doubted: false,
    peculiar: 0,
    firstSentAt: null,
    notBefore: 0,
    attention: null,
    revision: null,
    etag: null,
    refusal: null,
    lastError: "",
    settledAt: null,
  };
}

/** Whether the sender still has to do with it. */
export function isActive(item: Item): boolean {
  return (
    item.attention === null && (item.state === "queued" || item.state === "doubt" || item.state === "sending")
  );
}

/** It provably is not on the server. */
export function isUnsent(item: Item): boolean {
  return isActive(item) && item.state === "queued" && !item.doubted;
}

/** Whether it has come to an end, or waits for a human. */
export function isSettled(item: Item): boolean {
  return !isActive(item);
}

/** What a sender that was not there to see it makes of an item: sending, but nobody sends it, is a doubt. */
export function found(item: Item): Item {
  return item.state === "sending" ? { ...item, state: "doubt", doubted: true } : item;
}

/** What an earlier version had put aside as too old to be asked again is asked again. */
export function takenUp(item: Item): Item {
  return (item.attention as string) === "old" ? { ...item, attention: null } : item;
}

export function leaving(item: Item, now: number): Item {
  return { ...item, state: "sending", attempts: item.attempts + 1, firstSentAt: item.firstSentAt ?? now };
}

/** What an answer, or its absence, makes of an item that was sent. */
export function settled(item: Item, answer: Answer, now: number, chance: () => number): Item {
  if (answer.done) return accepted(item, answer, now);
  if (!provesNotDone(answer)) return inDoubt(item, answer, now, chance);
  if (isOurOwn(item, answer)) return accepted(item, { done: true, revision: null }, now);
  if (answer.code === "UNAUTHENTICATED") {
    return { ...item, state: item.doubted ? "doubt" : "queued", notBefore: 0, lastError: answer.message };
  }
  if (item.doubted && ABOUT_THE_CALLER.has(answer.code)) {
    return { ...item, state: "doubt", attention: "unclear", lastError: answer.message };
  }
  return refused(item, answer, now);
}

/** The feed shows the write: whatever was thought of it, it is done. */
export function confirmed(item: Item, seen: Seen, now: number): Item {
  return accepted(item, { done: true, ...seen }, now);
}

/** The server was restored from a backup that does not hold what it had accepted. */
export function lostByRestore(item: Item): Item {
  return { ...item, attention: "restored" };
}

/** A human said: send it again. Same ids, so what was done after all is not done twice. */
export function sentAgain(item: Item): Item {
  const { state, doubted } = item;
  return {
    ...item,
    state: doubted && state !== "accepted" ? "doubt" : "queued",
    attention: null,
    refusal: null,
    peculiar: 0,
    notBefore: 0,
    revision: null,
    settledAt: null,
    firstSentAt: null,
  };
}

function accepted(item: Item, answer: Done, now: number): Item {
  const revision = answer.revision?.toString() ?? item.revision;
  return {
    ...item,
    state: "accepted",
    attention: null,
    refusal: null,
    revision,
    etag: answer.etag || item.etag,
    settledAt: item.settledAt ?? now,
  };
}

function refused(item: Item, answer: Failed, now: number): Item {
  const { code, reason, message, facts } = answer;
  return {
    ...item,
    state: "refused",
    attention: "refused",
    refusal: { code, reason, message, facts },
    settledAt: now,
  };
}

function inDoubt(item: Item, answer: Failed, now: number, chance: () => number): Item {
  const peculiar = item.peculiar + (answer.signed && PECULIAR.has(answer.code) ? 1 : 0);
  return {
    ...item,
    state: "doubt",
    doubted: true,
    peculiar,
    attention: peculiar >= PECULIAR_MAX ? "unclear" : null,
    notBefore: now + Math.max(answer.waitMs, pauseMs(item.attempts, chance)),
    lastError: answer.message || answer.code,
  };
}

/** The id was made here and by chance, so a resource that has it is the one that an earlier attempt made. */
function isOurOwn(item: Item, answer: Failed): boolean {
  if (item.kind === "edit" || answer.code !== "ALREADY_EXISTS" || answer.reason === "REQUEST_ID_REUSED")
    return false;
  return answer.facts.name === item.about;
}
