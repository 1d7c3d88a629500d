// Keeping the copy up to date: filled once by lists, then fed by the feed from the revision that is stored.
//
// 1. Where the feed is to be joined is asked before the lists are read, so that no change falls between.
// 2. Another epoch, or a revision the journal does not have: the ledger was restored from a backup. The copy is
//    begun anew, and what the old ledger had accepted from this phone is looked for in the new one.
// 3. The feed also settles the outbox's doubts: it names the request of each write.
import { pauseMs } from "../core/backoff";
import { isActive, lostByRestore, type Seen } from "../core/machine";
import { type Failed, provesNotDone } from "../core/outcomes";
import type { Change, WatchResponse } from "../gen/clientela/v1/feed_pb";
import type { Copy } from "../store/copy";
import type { Cursor } from "../store/database";
import type { Outbox } from "../store/outbox";
import type { Api } from "./api";
import { failedBy } from "./faults";

const NEWEST = 500;
/** Twice the time between two bookmarks: a line that is silent for longer is dead. */
const SILENCE_MS = 35_000;
const LIVED_MS = 2_000;

export interface SyncWorld {
  now(): number;
  chance(): number;
  signedIn(): Promise<boolean>;
  refusedToken(): Promise<void>;
  changed(): void;
  /** Whether the feed is open: what is shown is the present. */
  live(isLive: boolean): void;
  restored: { get(): Promise<boolean>; set(value: boolean): Promise<void> };
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export class Sync {
  private failures = 0;

  constructor(
    private readonly api: Api,
    private readonly copy: Copy,
    private readonly outbox: Outbox,
    private readonly world: SyncWorld,
  ) {}

  /** Follow the ledger until told to stop, or until nobody is signed in. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.world.signedIn())) {
      const failed = await this.once(signal);
      this.world.live(false);
      if (signal.aborted) return;
      if (failed.signed && failed.code === "UNAUTHENTICATED") await this.world.refusedToken();
      else if (failed.signed && failed.code === "OUT_OF_RANGE") await this.begin();
      else await this.world.sleep(Math.max(failed.waitMs, this.pause(failed)), signal);
    }
  }

  /** Follow until the feed ends; tells why it did. */
  async once(signal: AbortSignal): Promise<Failed> {
    const line = new Line(signal);
    const began = this.world.now();
    let heard = 0;
    try {
      let cursor = (await this.copy.cursor()) ?? (await this.fill(line.signal));
      await this.lookForLost();
      const after = { revision: BigInt(cursor.revision), epoch: cursor.epoch };
      for await (const message of this.api.watch(after, line.signal)) {
        line.alive();
        heard += 1;
        // The first message only says again where the feed begins: what comes behind it may fail ever so.
        if (heard > 1 || message.bookmarkRevision.toString() !== cursor.revision) this.failures = 0;
        cursor = await this.take(message, cursor);
      }
      return failedBy(new Error("the feed ended"));
    } catch (error) {
      return failedBy(error);
    } finally {
      // A feed that lived for a while did no harm, however quiet it was.
      if (heard && this.world.now() - began > LIVED_MS) this.failures = 0;
      line.end();
    }
  }

  private async take(message: WatchResponse, before: Cursor): Promise<Cursor> {
    const cursor: Cursor = {
      epoch: message.epoch || before.epoch,
      revision: message.bookmarkRevision.toString(),
      syncedAt: this.world.now(),
    };
    await this.copy.apply(message.changes, cursor);
    const seen = new Map(message.changes.map((change) => [change.requestId, seenIn(change)]));
    await this.outbox.confirm(seen, this.world.now());
    this.world.live(true);
    this.world.changed();
    return cursor;
  }

  /** Read everything, and tell from where the feed goes on. */
  private async fill(signal: AbortSignal): Promise<Cursor> {
    const start = await this.present(signal);
    const lists = [this.api.allCustomers(), this.api.newest("customers/-", NEWEST)] as const;
    const [customers, purchases] = await Promise.all(lists);
    const cursor: Cursor = {
      epoch: start.epoch,
      revision: start.bookmarkRevision.toString(),
      syncedAt: this.world.now(),
    };
    await this.copy.replace({ customers, purchases }, cursor);
    this.world.changed();
    return cursor;
  }

  private async present(signal: AbortSignal): Promise<WatchResponse> {
    const look = new AbortController();
    try {
      for await (const first of this.api.watch(null, AbortSignal.any([signal, look.signal]))) return first;
      throw new Error("the feed said nothing");
    } finally {
      look.abort();
    }
  }

  /** The ledger is another one: what was read of the old one is worth nothing. */
  private async begin(): Promise<void> {
    await this.world.restored.set(true);
    await this.copy.forget();
    this.world.changed();
  }

  /** After a restore: what was accepted, and is not in the ledger any more, needs somebody's attention. */
  private async lookForLost(): Promise<void> {
    if (!(await this.world.restored.get())) return;
    for (const item of await this.outbox.all()) {
      if (item.state !== "accepted" || item.attention || item.kind === "edit" || isActive(item)) continue;
      if (await this.isThere(item.about)) continue;
      await this.outbox.change(item.seq, (now) => (now.state === "accepted" ? lostByRestore(now) : null));
    }
    await this.world.restored.set(false);
    this.world.changed();
  }

  private async isThere(name: string): Promise<boolean> {
    if (await this.copy.has(name)) return true;
    return name.includes("/purchases/") ? this.api.purchaseExists(name) : this.api.customerExists(name);
  }

  private pause(failed: Failed): number {
    this.failures += 1;
    // What is refused for good is asked for again too, but rarely.
    return pauseMs(provesNotDone(failed) ? 20 : this.failures, () => this.world.chance());
  }
}

function seenIn({ revision, resource }: Change): Seen {
  return { revision, etag: resource.case === "customer" ? resource.value.etag : "" };
}

/** Ends when told to, or when nothing was heard for too long. */
class Line {
  private readonly own = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  readonly signal: AbortSignal;

  constructor(outer: AbortSignal) {
    this.signal = AbortSignal.any([outer, this.own.signal]);
    this.alive();
  }

  alive(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.own.abort(), SILENCE_MS);
  }

  end(): void {
    clearTimeout(this.timer);
    this.own.abort();
  }
}
