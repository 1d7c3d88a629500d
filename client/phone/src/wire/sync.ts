// Keeping the copy up to date: filled once by lists, then fed by the feed from the revision that is stored.
//
// 1. Where the feed is to be joined is asked before the lists are read, so that no change falls between.
// 2. Another epoch, or a revision the journal does not have: the ledger was restored from a backup. The copy is
//    begun anew, and what the old ledger had accepted from this phone is looked for in the new one.
// 3. The feed also settles the outbox's doubts: it names the request of each write.
// 4. Only what has come to the journal's head is the present. What is far behind it is filled again: the rows stay
//    to be read meanwhile, and the cursor moves when all of them were seen.
// 5. All of it is done in small pieces, and before each one who reads for somebody's eyes goes first.
import { pauseMs } from "../core/backoff";
import { isTooFar, mayFill } from "../core/behind";
import { isActive, lostByRestore, type Seen } from "../core/machine";
import { type Failed, provesNotDone } from "../core/outcomes";
import type { Change, WatchResponse } from "../gen/clientela/v1/feed_pb";
import type { Copy } from "../store/copy";
import type { Cursor } from "../store/database";
import type { Outbox } from "../store/outbox";
import type { Api } from "./api";
import { failedBy } from "./faults";

const NEWEST = 500;
/** So many changes are stored at a time. */
const PIECE = 100;
/** So often the screens are told while the copy is not the present. */
const TOLD_MS = 1_000;
/** Twice the time between two bookmarks: a line that is silent for longer is dead. */
const SILENCE_MS = 35_000;
const LIVED_MS = 2_000;

export interface SyncWorld {
  now(): number;
  chance(): number;
  signedIn(): Promise<boolean>;
  refusedToken(): Promise<void>;
  changed(): void;
  /** By how many revisions the copy is behind; 0: what is shown is the present. Null: the feed is not open. */
  behind(revisions: bigint | null): void;
  /** Let those go first who read for somebody's eyes. */
  giveWay(): Promise<void>;
  restored: { get(): Promise<boolean>; set(value: boolean): Promise<void> };
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export class Sync {
  private failures = 0;
  private filledAt = Number.NEGATIVE_INFINITY;
  private toldAt = Number.NEGATIVE_INFINITY;

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
      this.world.behind(null);
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
      let cursor = (await this.copy.cursor()) ?? (await this.fill(line));
      for (;;) {
        await this.lookForLost();
        const tooFar = await this.feed(cursor, line, () => {
          heard += 1;
        });
        if (!tooFar) return failedBy(new Error("the feed ended"));
        cursor = await this.fill(line);
      }
    } catch (error) {
      return failedBy(error);
    } finally {
      // A feed that lived for a while did no harm, however quiet it was.
      if (heard && this.world.now() - began > LIVED_MS) this.failures = 0;
      line.end();
    }
  }

  /** Take what the feed brings, until it ends; true: until it is too far ahead to be taken so. */
  private async feed(from: Cursor, line: Line, hear: () => void): Promise<boolean> {
    let cursor = from;
    let isFirst = true;
    const after = { revision: BigInt(cursor.revision), epoch: cursor.epoch };
    for await (const message of this.api.watch(after, line.signal)) {
      hear();
      if (await this.isTooFar(message, cursor)) return true;
      // The first message only says again where the feed begins: what comes behind it may fail ever so.
      if (!isFirst || message.bookmarkRevision.toString() !== cursor.revision) this.failures = 0;
      isFirst = false;
      cursor = await this.take(message, cursor, line);
    }
    return false;
  }

  private async isTooFar(message: WatchResponse, cursor: Cursor): Promise<boolean> {
    const behind = message.headRevision - BigInt(cursor.revision);
    if (behind <= 0n || !mayFill(this.filledAt, this.world.now())) return false;
    return isTooFar(behind, await this.copy.many());
  }

  private async take(message: WatchResponse, before: Cursor, line: Line): Promise<Cursor> {
    const { bookmarkRevision, headRevision } = message;
    const behind = headRevision > bookmarkRevision ? headRevision - bookmarkRevision : 0n;
    let cursor = { ...before, epoch: message.epoch || before.epoch };
    for (const { changes, revision } of pieces(message)) {
      cursor = { ...cursor, revision: revision.toString() };
      if (!behind && revision === bookmarkRevision) cursor.syncedAt = this.world.now();
      await this.store(changes, cursor, line);
    }
    this.world.behind(behind);
    this.tell(!behind);
    return cursor;
  }

  private async store(changes: readonly Change[], cursor: Cursor, line: Line): Promise<void> {
    await this.goOn(line);
    await this.copy.apply(changes, cursor);
    const seen = new Map(changes.map((change) => [change.requestId, seenIn(change)]));
    await this.outbox.confirm(seen, this.world.now());
  }

  /** Before each piece: others first, and nothing more where the following has ended meanwhile. */
  private async goOn(line: Line): Promise<void> {
    await this.world.giveWay();
    line.signal.throwIfAborted();
    line.alive();
  }

  /** Read everything, and tell from where the feed goes on. */
  private async fill(line: Line): Promise<Cursor> {
    const start = await this.present(line.signal);
    const { epoch, bookmarkRevision } = start;
    const before = await this.copy.cursor();
    if (before && before.epoch !== epoch) await this.begin();
    if (!before) await this.copy.clear();
    this.world.behind(bookmarkRevision - BigInt(before?.revision ?? 0n));
    const seen = new Set<string>();
    for await (const customers of this.api.customerPages(line.signal)) {
      await this.goOn(line);
      await this.copy.keep({ customers, purchases: [] });
      for (const { customer } of customers) seen.add(customer.name);
      this.tell(false);
    }
    const purchases = await this.api.newest("customers/-", NEWEST);
    const cursor = { epoch, revision: bookmarkRevision.toString(), syncedAt: this.world.now() };
    await this.goOn(line);
    await this.copy.settle(seen, purchases, cursor);
    this.filledAt = this.world.now();
    this.tell(true);
    return cursor;
  }

  /** While there is more to come the screens are told now and then: to draw each step would take longer than it. */
  private tell(isPresent: boolean): void {
    const now = this.world.now();
    if (!isPresent && now - this.toldAt < TOLD_MS) return;
    this.toldAt = now;
    this.world.changed();
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

/** The changes of a message, as many as are stored at a time, and up to where that is all there is. */
function pieces({ changes, bookmarkRevision }: WatchResponse) {
  const found: { changes: readonly Change[]; revision: bigint }[] = [];
  for (let at = 0; at < changes.length; at += PIECE) {
    const piece = changes.slice(at, at + PIECE);
    found.push({ changes: piece, revision: piece.at(-1)?.revision ?? 0n });
  }
  const last = found.pop() ?? { changes: [] };
  return [...found, { ...last, revision: bookmarkRevision }];
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
