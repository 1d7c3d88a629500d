// Answers as they were last seen, so that without a network the last one is there, with its age.
// The feed's changes are noted beside them, in the transaction that moves the cursor (copy.ts).
import { type AnswerRow, turns } from "../core/answers";
import type { Change } from "../gen/clientela/v1/feed_pb";
import type { Database } from "./database";

/** What is kept of an answer that came. */
export type Came = Pick<AnswerRow, "language" | "asOf" | "seenAt"> & { readonly record: Uint8Array };

export class Answers {
  private readonly last = new Map<string, Promise<unknown>>();

  constructor(private readonly database: Database) {}

  /** Read, ask and keep with nobody else doing so for this key: or one would keep what was before the other. */
  async alone<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.last.get(key) ?? Promise.resolve()).then(work, work);
    this.last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.last.get(key) === turn) this.last.delete(key);
    }
  }

  async get(key: string): Promise<AnswerRow | null> {
    return (await this.database.get("answers", key)) ?? null;
  }

  /** It is about to be asked for: from now on the feed's changes are noted, also those that come before the answer. */
  async expect(key: string): Promise<void> {
    const work = this.database.transaction("answers", "readwrite");
    if (!(await work.store.getKey(key))) {
      await work.store.put({ key, record: null, language: "", asOf: "0", seenAt: 0, turned: "0" });
    }
    await work.done;
  }

  /** Keep what came, unless what is here reflects more, or it was forgotten meanwhile. */
  async keep(key: string, came: Came): Promise<void> {
    const work = this.database.transaction("answers", "readwrite");
    const known = await work.store.get(key);
    if (known && BigInt(known.asOf) <= BigInt(came.asOf)) await work.store.put({ ...known, ...came });
    await work.done;
  }
}

/** The part of a store that is used here, whatever else the transaction holds. */
interface Store {
  getAllKeys(): Promise<string[]>;
  get(key: string): Promise<AnswerRow | undefined>;
  put(row: AnswerRow): Promise<unknown>;
}

/** Note which answers the changes make old. */
export async function turn(store: Store, changes: readonly Change[]): Promise<void> {
  for (const key of await store.getAllKeys()) {
    const last = changes.findLast((change) => turns(change.name, key));
    const row = last && (await store.get(key));
    if (row) await store.put({ ...row, turned: last.revision.toString() });
  }
}
