// The sender: takes the outbox's items in the order of their taps, one at a time, each until it is settled.
//
// 1. There is one sender, whatever the number of tabs: who calls `drain` holds the lock (pump.ts).
// 2. Nothing leaves before "sending" is on disk, and no answer counts before it is.
// 3. A doubt holds up those behind it only while the server gives no answer at all; what is peculiar to one
//    item makes it step aside (core/machine.ts).
import { type Item, isActive, leaving, settled } from "../core/machine";
import type { Answer } from "../core/outcomes";
import type { Outbox } from "../store/outbox";

/** What the sender needs to know of the world. */
export interface World {
  now(): number;
  chance(): number;
  online(): boolean;
  /** Whether there is a token that was not refused. */
  signedIn(): Promise<boolean>;
  /** The server refused the token. */
  refusedToken(): Promise<void>;
  /** Something on disk changed. */
  changed(): void;
}

export type Send = (item: Item) => Promise<Answer>;
/** Gives an item its last form before it is first sent, such as the etag that an earlier one got. */
export type Prepare = (item: Item) => Promise<Item>;

/** Why a drain ended, and when to try again: in ms, or null where only a human or the network can help. */
export interface Pause {
  readonly why: "empty" | "wait" | "offline" | "token";
  readonly againMs: number | null;
}

export class Sender {
  constructor(
    private readonly outbox: Outbox,
    private readonly send: Send,
    private readonly world: World,
    private readonly prepare: Prepare = async (item) => item,
  ) {}

  /** Send until there is nothing left that may be sent now. `hurry` does not wait for pauses that are due. */
  async drain(hurry = false): Promise<Pause> {
    const tried = new Set<number>();
    for (;;) {
      const item = await this.outbox.first();
      if (!item) return { why: "empty", againMs: null };
      const pause = await this.obstacle(item, hurry && !tried.has(item.seq));
      if (pause) return pause;
      tried.add(item.seq);
      await this.one(item);
    }
  }

  private async obstacle(item: Item, hurry: boolean): Promise<Pause | null> {
    if (!(await this.world.signedIn())) return { why: "token", againMs: null };
    if (!this.world.online()) return { why: "offline", againMs: null };
    const left = item.notBefore - this.world.now();
    return left > 0 && !hurry ? { why: "wait", againMs: left } : null;
  }

  private async one(item: Item): Promise<void> {
    const ready = item.attempts ? item : await this.prepare(item);
    const going = leaving(ready, this.world.now());
    const kept = await this.outbox.change(item.seq, (now) => (isActive(now) ? going : null));
    this.world.changed();
    if (kept?.state !== "sending") return;
    const answer = await this.send(going);
    if (!answer.done && answer.signed && answer.code === "UNAUTHENTICATED") await this.world.refusedToken();
    await this.keep(item.seq, (now) =>
      now.state === "sending" ? settled(now, answer, this.world.now(), () => this.world.chance()) : null,
    );
  }

  private async keep(seq: number, change: (item: Item) => Item | null): Promise<void> {
    await this.outbox.change(seq, change);
    this.world.changed();
  }
}
