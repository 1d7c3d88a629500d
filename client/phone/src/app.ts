// The one place where the parts are put together: disk, wire, sender, feed, and when each of them runs.
import type { Transport } from "@connectrpc/connect";
import { Bus } from "./bus";
import { rest } from "./core/backoff";
import { chained } from "./core/chain";
import { type Item, isUnsent, type NewItem } from "./core/machine";
import { add, NOTHING, type Spent } from "./core/meter";
import { isUnknown } from "./core/outcomes";
import * as prefs from "./prefs";
import { Session } from "./session";
import { Answers } from "./store/answers";
import { Copy } from "./store/copy";
import { type Database, type Draft, forgetMeta, open, readMeta, writeMeta } from "./store/database";
import { Drafts } from "./store/drafts";
import { Outbox } from "./store/outbox";
import { Way } from "./way";
import { Api, webTransport } from "./wire/api";
import { failedBy } from "./wire/faults";
import { metered } from "./wire/metered";
import { Pump } from "./wire/pump";
import { Sender } from "./wire/sender";
import { Sync } from "./wire/sync";

export class App {
  readonly outbox: Outbox;
  readonly copy: Copy;
  readonly answers: Answers;
  readonly drafts: Drafts;
  readonly transport: Transport;
  readonly api: Api;
  readonly way = new Way();
  /** By how many revisions the copy is behind; null where the feed is not open. */
  behind: bigint | null = null;
  /** What became of the token of a link that was opened. */
  link: "" | "checking" | "refused" = "";
  private readonly pump: Pump;
  private readonly sync: Sync;
  private following: AbortController | null = null;
  private unwritten: Spent = NOTHING;
  private liveSince = 0;
  private readonly counted = metered(
    (...call) => fetch(...call),
    (more) => this.spend(more),
  );

  private constructor(
    readonly database: Database,
    readonly session: Session,
    readonly bus: Bus,
  ) {
    this.outbox = new Outbox(database);
    this.copy = new Copy(database);
    this.answers = new Answers(database);
    this.drafts = new Drafts(database);
    const who = { token: () => session.token, language: () => prefs.language() };
    this.transport = webTransport(location.origin, who, this.counted);
    this.api = new Api(this.transport);
    this.pump = this.makePump();
    this.sync = this.makeSync();
  }

  static async start(): Promise<App> {
    const bus = new Bus();
    const database = await open();
    const app = new App(database, await Session.load(database, bus), bus);
    app.watchTheWorld();
    return app;
  }

  /** Keep a write; when this returns it is on disk, and it is on its way if it can be. */
  async tap(item: NewItem, draftToo = false): Promise<void> {
    await this.outbox.put(item, draftToo);
    this.bus.tell("outbox");
    void this.pump.kick(true);
  }

  /** Change an item by a human's decision, and see what can be sent now. */
  async decide(seq: number, change: (item: Item) => Item | null): Promise<void> {
    await this.outbox.change(seq, change);
    this.bus.tell("outbox");
    void this.pump.kick(true);
  }

  /** Put a write in the place of a refused one, in one: neither both nor none of them are ever there. */
  async replace(seq: number, item: NewItem): Promise<void> {
    await this.outbox.replace(seq, item);
    this.bus.tell("outbox");
    void this.pump.kick(true);
  }

  /** Take a refused sale back into the form. */
  async reopen(seq: number, draft: Draft): Promise<void> {
    await this.drafts.keep(draft);
    await this.discard(seq);
  }

  /** Drop a sale that was begun. */
  async drop(draft: Draft): Promise<void> {
    await this.drafts.drop(draft.requestId);
    this.bus.tell("outbox");
  }

  async discard(seq: number): Promise<void> {
    await this.outbox.remove(seq, (item) => item.attention !== null || isUnsent(item));
    this.bus.tell("outbox");
  }

  tryNow(): void {
    void this.pump.kick(true);
    this.follow();
  }

  /** Ask the server whether it knows a token; throws what it answers otherwise. */
  async check(token: string): Promise<void> {
    const who = { token: () => token, language: () => prefs.language() };
    await new Api(webTransport(location.origin, who, this.counted)).customerCount();
  }

  /** The token of a link; one that the server does not know takes no good one's place. */
  async signInByLink(token: string): Promise<void> {
    if (!this.session.signedIn) return this.signIn(token);
    this.tellLink("checking");
    const fault = await this.check(token).then(
      () => null,
      (error: unknown) => failedBy(error),
    );
    if (!fault || !isUnknown(fault)) return this.signIn(token);
    this.tellLink("refused");
    location.hash = "/signin";
  }

  private tellLink(link: App["link"]): void {
    this.link = link;
    this.bus.tell("session");
  }

  async signIn(token: string): Promise<void> {
    this.link = "";
    await this.session.use(token);
    this.tryNow();
  }

  /** The token and what was read go; what is not recorded yet stays. */
  async signOut(): Promise<void> {
    this.following?.abort();
    this.following = null;
    await this.session.end();
    await this.copy.forget();
    this.bus.tell("copy");
  }

  async spent(): Promise<Spent> {
    return add((await readMeta(this.database, "spent")) ?? NOTHING, this.unwritten);
  }

  private makePump(): Pump {
    const world = {
      now: () => Date.now(),
      chance: () => Math.random(),
      online: () => navigator.onLine,
      signedIn: async () => this.session.signedIn,
      refusedToken: () => this.session.refuse(),
      changed: () => this.bus.tell("outbox"),
    };
    const prepare = async (item: Item) => chained(item, await this.outbox.of(item.customer));
    const sender = new Sender(this.outbox, (item) => this.api.write(item), world, prepare);
    return new Pump(sender, { request: (name, work) => navigator.locks.request(name, work) });
  }

  private makeSync(): Sync {
    return new Sync(this.api, this.copy, this.outbox, {
      now: () => Date.now(),
      chance: () => Math.random(),
      signedIn: async () => this.session.signedIn,
      refusedToken: () => this.session.refuse(),
      changed: () => {
        this.bus.tell("copy");
        this.bus.tell("outbox");
      },
      behind: (revisions) => this.setBehind(revisions),
      giveWay: () => this.way.give(),
      restored: {
        get: async () => (await readMeta(this.database, "restored")) ?? false,
        set: (value) =>
          value ? writeMeta(this.database, "restored", true) : forgetMeta(this.database, "restored"),
      },
      sleep: rest,
    });
  }

  /** Follow the feed while the app is looked at; one tab at a time does, for all. */
  private follow(): void {
    if (document.hidden || !this.session.signedIn || this.following) return;
    const stop = new AbortController();
    this.following = stop;
    void navigator.locks
      .request("clientela-feed", { signal: stop.signal }, () => this.sync.follow(stop.signal))
      .catch(() => {})
      .finally(() => {
        if (this.following === stop) this.following = null;
        this.setBehind(null);
      });
  }

  private unfollow(): void {
    this.following?.abort();
    this.following = null;
  }

  private watchTheWorld(): void {
    addEventListener("online", () => {
      this.unfollow();
      this.tryNow();
      this.bus.tell("session");
    });
    addEventListener("offline", () => {
      this.unfollow();
      this.bus.tell("session");
    });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.unfollow();
      else this.tryNow();
    });
    this.bus.listen((topic) => {
      if (topic === "session" && this.session.signedIn) this.follow();
    });
    setInterval(() => void this.writeMeter(), 3000);
    void this.outbox.prune(Date.now());
    this.tryNow();
  }

  /** Whether what is shown is the present: the feed is open, and all that it has was taken. */
  get live(): boolean {
    return this.behind === 0n;
  }

  private setBehind(revisions: bigint | null): void {
    const wasLive = this.live;
    const wasOpen = this.behind !== null;
    this.behind = revisions;
    if (wasLive !== this.live) this.watched(this.live);
    if (wasLive !== this.live || wasOpen !== (revisions !== null)) this.bus.tell("session");
  }

  private watched(begins: boolean): void {
    if (begins) this.liveSince = Date.now();
    else this.spend({ watchedMs: Date.now() - this.liveSince });
  }

  private spend(more: Partial<Spent>): void {
    this.unwritten = add(this.unwritten, more);
  }

  private async writeMeter(): Promise<void> {
    if (this.live) {
      this.spend({ watchedMs: Date.now() - this.liveSince });
      this.liveSince = Date.now();
    }
    if (this.unwritten === NOTHING) return;
    const more = this.unwritten;
    this.unwritten = NOTHING;
    const work = this.database.transaction("meta", "readwrite");
    const before = (await work.store.get("spent"))?.value as Spent | undefined;
    await work.store.put({ key: "spent", value: add(before ?? NOTHING, more) });
    await work.done;
    this.bus.tell("meter");
  }
}
