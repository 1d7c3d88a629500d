// A world for tests: a clock that is moved by hand, chance by a seed, a server that keeps a ledger.
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import type { Item, NewItem } from "../src/core/machine";
import { type Answer, type Failed, silence } from "../src/core/outcomes";
import { type Database, open } from "../src/store/database";
import { Outbox } from "../src/store/outbox";
import { Sender, type World } from "../src/wire/sender";

/** A seeded source of chance (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export async function freshDatabase(): Promise<Database> {
  globalThis.indexedDB = new IDBFactory();
  return open();
}

export function refusal(code: string, reason: string, facts: Record<string, string> = {}): Failed {
  return { done: false, code, signed: true, reason, message: reason, facts, waitMs: 0 };
}

let made = 0;
/** A sale as the app would put it, to be sent once. */
export function sale(over: Partial<NewItem> = {}): NewItem {
  made += 1;
  return {
    requestId: `request-${made}`,
    kind: "purchase",
    message: new Uint8Array([made % 256]),
    customer: "customers/blue-door",
    about: `customers/blue-door/purchases/p${made}`,
    title: "Blue Door Café",
    amount: "EUR 19.90",
    tappedAt: 0,
    ...over,
  };
}

export interface Entry {
  readonly revision: bigint;
  readonly actor: string;
  readonly requestId: string;
  readonly about: string;
}

/** A server as the phone sees it: keeps each write once by caller and request id, and by the resource's name. */
export class Ledger {
  entries: Entry[] = [];
  actor = "till-1";
  tokenGood = true;
  /** What to refuse, by the request's id. */
  readonly refuse = new Map<string, Failed>();

  take(item: Item): Answer {
    if (!this.tokenGood) return refusal("UNAUTHENTICATED", "TOKEN_INVALID");
    const known = this.entries.find(
      (entry) => entry.requestId === item.requestId && entry.actor === this.actor,
    );
    if (known) return { done: true, revision: known.revision };
    if (this.entries.some((entry) => entry.about === item.about)) {
      return refusal("ALREADY_EXISTS", "PURCHASE_EXISTS", { name: item.about });
    }
    const refused = this.refuse.get(item.requestId);
    if (refused) return refused;
    const revision = BigInt(this.entries.length + 1);
    this.entries.push({ revision, actor: this.actor, requestId: item.requestId, about: item.about });
    return { done: true, revision };
  }

  count(about: string): number {
    return this.entries.filter((entry) => entry.about === about).length;
  }
}

/** What the wire does to the next call. */
export type Fate = "pass" | "lose-request" | "lose-reply";

export class Phone {
  now = 1_000_000;
  isOnline = true;
  tokenRefused = false;
  sent: string[] = [];
  fate: (item: Item) => Fate = () => "pass";
  readonly outbox: Outbox;

  constructor(
    database: Database,
    readonly ledger: Ledger,
    private readonly chance: () => number = () => 0.5,
  ) {
    this.outbox = new Outbox(database);
  }

  get world(): World {
    return {
      now: () => this.now,
      chance: this.chance,
      online: () => this.isOnline,
      signedIn: async () => !this.tokenRefused,
      refusedToken: async () => {
        this.tokenRefused = true;
      },
      changed: () => {},
    };
  }

  /** A sender as a start of the app makes one: it remembers nothing. */
  sender(): Sender {
    return new Sender(this.outbox, (item) => this.send(item), this.world);
  }

  async send(item: Item): Promise<Answer> {
    this.sent.push(item.requestId);
    const fate = this.fate(item);
    if (fate === "lose-request") return silence("Failed to fetch");
    const answer = this.ledger.take(item);
    return fate === "lose-reply" ? silence("Failed to fetch") : answer;
  }

  /** Drain, waiting out every pause by moving the clock. */
  async settle(): Promise<void> {
    for (let rounds = 0; rounds < 1000; rounds += 1) {
      const pause = await this.sender().drain();
      if (pause.againMs === null) return;
      this.now += pause.againMs;
    }
    throw new Error("the outbox does not come to rest");
  }

  async states(): Promise<string[]> {
    return (await this.outbox.all()).map((item) => item.attention ?? item.state);
  }
}
