// The outbox on disk. Every change of an item reads it again in the same transaction, so that two tabs, or the
// sender and the feed, cannot undo each other. The rules are in core/machine.ts.
import { confirmed, found, type Item, isActive, type NewItem, type Seen, tapped } from "../core/machine";
import type { Database } from "./database";
import { draftsIn, without } from "./drafts";

/** Accepted writes are shown for a week, or until there are more than this. */
const KEPT_MS = 7 * 86_400_000;

export class Outbox {
  constructor(private readonly database: Database) {}

  /** Keep a write, and forget the draft it was made of, in one. False: it is kept already (a second tap). */
  async put(item: NewItem, draftToo = false): Promise<boolean> {
    const work = this.database.transaction(["outbox", "meta"], "readwrite", { durability: "strict" });
    const outbox = work.objectStore("outbox");
    const kept = await outbox.index("requestId").getKey(item.requestId);
    // The store gives the place in the queue.
    if (kept === undefined) await outbox.add(tapped(item) as Item);
    const meta = work.objectStore("meta");
    const drafts = draftToo ? draftsIn((await meta.get("drafts"))?.value) : [];
    if (drafts.length) await meta.put({ key: "drafts", value: without(drafts, item.requestId) });
    await work.done;
    return kept === undefined;
  }

  /** Put a write in the place of one that was refused, if that is still there. */
  async replace(seq: number, item: NewItem): Promise<void> {
    const work = this.database.transaction("outbox", "readwrite", { durability: "strict" });
    const old = await work.store.get(seq);
    // In its place in the queue too: what was tapped after it may need it.
    if (old?.state === "refused") await work.store.put({ ...tapped(item), seq });
    await work.done;
  }

  /** All of them, in the order of their taps. */
  all(): Promise<Item[]> {
    return this.database.getAll("outbox");
  }

  of(customer: string): Promise<Item[]> {
    return this.database.getAllFromIndex("outbox", "customer", customer);
  }

  get(seq: number): Promise<Item | undefined> {
    return this.database.get("outbox", seq);
  }

  byRequest(requestId: string): Promise<Item | undefined> {
    return this.database.getFromIndex("outbox", "requestId", requestId);
  }

  /** The first that the sender has to do with. Only the one sender may ask: it settles what a crash left. */
  async first(): Promise<Item | undefined> {
    const item = (await this.all()).find(isActive);
    return item && found(item);
  }

  /** Change an item, if it is still there and `change` wants to; gives what is on disk then. */
  async change(seq: number, change: (item: Item) => Item | null): Promise<Item | undefined> {
    const work = this.database.transaction("outbox", "readwrite", { durability: "strict" });
    const before = await work.store.get(seq);
    const after = before && change(before);
    if (after) await work.store.put(after);
    await work.done;
    return after ?? before;
  }

  /** Take the writes that the feed shows for accepted. Tells how many that was news of. */
  async confirm(seen: ReadonlyMap<string, Seen>, now: number): Promise<number> {
    let news = 0;
    for (const { seq, requestId } of (await this.all()).filter((item) => !isConfirmed(item))) {
      const told = seen.get(requestId);
      if (!told) continue;
      await this.change(seq, (item) => confirmed(item, told, now));
      news += 1;
    }
    return news;
  }

  /** Remove an item that provably was not sent, or that a human has done with. */
  async remove(seq: number, may: (item: Item) => boolean): Promise<boolean> {
    const work = this.database.transaction("outbox", "readwrite", { durability: "strict" });
    const item = await work.store.get(seq);
    const removable = item !== undefined && may(item);
    if (removable) await work.store.delete(seq);
    await work.done;
    return removable;
  }

  /** Forget what was accepted long ago. */
  async prune(now: number): Promise<void> {
    for (const item of await this.all()) {
      const old = item.settledAt !== null && now - item.settledAt > KEPT_MS;
      if (old && item.attention === null) await this.remove(item.seq, (each) => each.attention === null);
    }
  }
}

function isConfirmed(item: Item): boolean {
  return item.state === "accepted" && item.revision !== null && item.attention === null;
}
