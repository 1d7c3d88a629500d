import { create, toBinary } from "@bufbuild/protobuf";
import { beforeEach, describe, expect, test } from "vitest";
import { fromWire } from "../src/core/money";
import { CustomerSchema } from "../src/gen/clientela/v1/customers_pb";
import {
  type Purchase,
  PurchaseSchema,
  RecordPurchaseRequestSchema,
} from "../src/gen/clientela/v1/purchases_pb";
import { Copy } from "../src/store/copy";
import { type Database, forgetMeta, readMeta, writeMeta } from "../src/store/database";
import { Outbox } from "../src/store/outbox";
import { Way } from "../src/way";
import { Api, upTo } from "../src/wire/api";
import { Sender } from "../src/wire/sender";
import { Sync, type SyncWorld } from "../src/wire/sync";
import { FakeServer } from "./fake_server";
import { freshDatabase, sale } from "./world";

const DOOR = "customers/blue-door";
let database: Database;
let server: FakeServer;
let copy: Copy;
let outbox: Outbox;
let api: Api;
let stop: AbortController;
let refusedTokens: number;
let behind: number[];

beforeEach(async () => {
  database = await freshDatabase();
  server = new FakeServer();
  copy = new Copy(database);
  outbox = new Outbox(database);
  api = new Api(server.transport);
  stop = new AbortController();
  refusedTokens = 0;
  behind = [];
  server.put(create(CustomerSchema, { name: DOOR, displayName: "Blue Door Café", etag: '"1"' }));
  return () => stop.abort();
});

function purchase(id: string, units: bigint, refundOf?: string): Purchase {
  const amount = { currencyCode: "EUR", units, nanos: 0 };
  return create(PurchaseSchema, {
    name: `${DOOR}/purchases/${id}`,
    amount,
    ...(refundOf ? { refundOf } : {}),
  });
}

function follow(slept: number[] = [], more: Partial<SyncWorld> = {}): Promise<void> {
  const world = {
    now: () => Date.now(),
    chance: () => 1,
    signedIn: async () => refusedTokens === 0,
    refusedToken: async () => {
      refusedTokens += 1;
    },
    changed: () => {},
    behind: (revisions: bigint | null) => {
      if (revisions !== null) behind.push(Number(revisions));
    },
    giveWay: async () => {},
    restored: {
      get: async () => (await readMeta(database, "restored")) ?? false,
      set: (value: boolean) =>
        value ? writeMeta(database, "restored", true) : forgetMeta(database, "restored"),
    },
    sleep: (ms: number) => {
      slept.push(ms);
      return new Promise<void>((resolve) => setTimeout(resolve, 5));
    },
    ...more,
  };
  return new Sync(api, copy, outbox, world).follow(stop.signal);
}

async function total(): Promise<string> {
  const [eur] = (await copy.customer(DOOR))?.customer.totals ?? [];
  return eur?.amount ? `${eur.purchaseCount} ${fromWire(eur.amount).nanos / 10n ** 9n}` : "none";
}

const reached = async (): Promise<string> => (await copy.cursor())?.revision ?? "none";

describe("the copy", () => {
  test("is filled once, then fed", async () => {
    server.put(purchase("one", 10n));
    void follow();
    await expect.poll(total).toBe("1 10");
    server.put(purchase("two", 5n));
    await expect.poll(total).toBe("2 15");
    expect((await copy.purchases(DOOR, 10)).map((each) => each.name.split("/").pop())).toEqual([
      "two",
      "one",
    ]);
    expect(server.calls.filter((call) => call === "ListCustomers").length).toBe(1);
  });

  test("goes on from where it was, and counts nothing twice", async () => {
    void follow();
    await expect.poll(reached).toBe("1");
    stop.abort();
    stop = new AbortController();
    server.put(purchase("one", 10n));
    server.put(purchase("two", 5n));
    void follow();
    await expect.poll(total).toBe("2 15");
    server.cutWatches();
    server.put(purchase("back", 5n, `${DOOR}/purchases/two`));
    await expect.poll(total).toBe("2 10");
  });

  test("counts an entry once that a list and the feed both brought", async () => {
    void follow();
    await expect.poll(reached).toBe("1");
    stop.abort();
    server.put(purchase("one", 10n));
    await copy.keep({ customers: [await api.customer(DOOR)], purchases: await api.newest(DOOR, 10) });
    stop = new AbortController();
    void follow();
    await expect.poll(reached).toBe("2");
    expect(await total()).toBe("1 10");
  });

  test("goes on over changes of what it does not know", async () => {
    void follow();
    await expect.poll(reached).toBe("1");
    server.tell("segments/win-back");
    server.tell("policy");
    server.tell(DOOR);
    server.put(purchase("one", 10n));
    await expect.poll(total).toBe("1 10");
    expect(await reached()).toBe("5");
  });

  test("forgets who was deleted", async () => {
    void follow();
    await expect.poll(reached).toBe("1");
    server.put(create(CustomerSchema, { name: DOOR, deleteTime: { seconds: 1n } }));
    await expect.poll(() => copy.customer(DOOR)).toBe(null);
  });
});

describe("the present", () => {
  const journal = (many: number, from = 0) => {
    for (let at = 0; at < many; at += 1) server.put(purchase(`p${from + at}`, 1n));
  };
  /** So many changes were read, and then the following ended. */
  const read = async (many: number) => {
    void follow();
    await expect.poll(reached).toBe("1");
    stop.abort();
    stop = new AbortController();
    behind = [];
    journal(many);
  };

  test("is what has come to the journal's head, not what came first", async () => {
    await read(700);
    const before = (await copy.cursor())?.syncedAt;
    const early: boolean[] = [];
    const giveWay = async () => void early.push((await copy.cursor())?.syncedAt === before);
    void follow([], { giveWay, now: () => (before ?? 0) + 5 });
    await expect.poll(() => behind).toEqual([700, 200, 0]);
    expect(await reached()).toBe("701");
    expect(await total()).toBe("700 700");
    // Until all was there it was told as of before.
    expect(early).not.toContain(false);
    expect((await copy.cursor())?.syncedAt).toBe((before ?? 0) + 5);
    expect(server.calls.filter((call) => call === "ListCustomers").length).toBe(1);
  });

  test("that is far ahead is listed afresh, and what is here can be read all the while", async () => {
    await read(3000);
    const gone = create(CustomerSchema, { name: "customers/gone", displayName: "Gone" });
    const erased = { purchase: purchase("erased", 9n), asOf: 1n };
    await copy.keep({ customers: [{ customer: gone, asOf: 1n }], purchases: [erased] });
    const seen: string[] = [];
    const giveWay = async () => {
      if (behind.at(-1) === 3000) seen.push(`${await reached()} ${(await copy.customers()).length}`);
    };
    void follow([], { giveWay });
    await expect.poll(() => behind).toEqual([3000, 0]);
    expect([...new Set(seen)]).toEqual(["1 2", "3001 1"]);
    expect((await copy.customers()).map((row) => row.name)).toEqual([DOOR]);
    expect(await total()).toBe("3000 3000");
    expect((await copy.purchases(DOOR, 5000)).length).toBe(500);
    expect(await copy.has(erased.purchase.name)).toBe(false);
    expect(await reached()).toBe("3001");
  });

  test("a filling that was cut is begun again, and counts nothing twice", async () => {
    await read(3000);
    let steps = 0;
    const cut = new AbortController();
    stop.signal.addEventListener("abort", () => cut.abort());
    void follow([], {
      giveWay: async () => {
        steps += 1;
        if (steps === 2) throw new Error("the line is cut");
      },
    });
    await expect.poll(reached).toBe("3001");
    expect(server.calls.filter((call) => call === "ListCustomers").length).toBe(3);
    journal(1, 3000);
    await expect.poll(total).toBe("3001 3001");
  });

  test("is not listed over and over while somebody imports", async () => {
    await read(3000);
    let imported = 3000;
    const answer = server.listed;
    server.listed = () => {
      journal(2500, imported);
      imported += 2500;
      return answer.call(server);
    };
    void follow();
    await expect.poll(total).toBe("5500 5500");
    await expect.poll(() => behind.at(-1)).toBe(0);
    expect(server.calls.filter((call) => call === "ListCustomers").length).toBe(2);
  });

  test("of what was read while it was filled the fresher stays", async () => {
    await read(3000);
    const later = { purchase: purchase("p1", 77n), asOf: 3001n };
    const giveWay = () => copy.keep({ customers: [], purchases: [later] });
    void follow([], { giveWay });
    await expect.poll(reached).toBe("3001");
    const names = (await copy.purchases(DOOR, 5000)).map((each) => each.name);
    expect(names).toContain(`${DOOR}/purchases/p1`);
  });
});

describe("who reads", () => {
  test("goes first, but who waits for an answer that does not come holds nobody up", async () => {
    const way = new Way();
    const done: string[] = [];
    let answer = () => {};
    const slow = way.first(
      () =>
        new Promise<void>((resolve) => {
          answer = resolve;
        }),
    );
    const given = way.give().then(() => done.push("background"));
    setTimeout(() => {
      done.push("reader");
      answer();
    });
    await Promise.all([slow, given]);
    expect(done).toEqual(["reader", "background"]);
    void way.first(() => new Promise(() => {}));
    await way.give();
  });
});

describe("a feed that breaks again and again", () => {
  test("is asked for less and less often while nothing new comes, and at once again afterwards", async () => {
    const slept: number[] = [];
    server.breakAfterFirst = true;
    void follow(slept);
    await expect.poll(() => slept.length).toBeGreaterThan(6);
    const growing = slept.slice(1, 6);
    expect(growing).toEqual([...growing].sort((one, other) => one - other));
    expect(new Set(growing).size).toBeGreaterThan(3);
    server.breakAfterFirst = false;
    server.put(purchase("one", 10n));
    await expect.poll(total).toBe("1 10");
    const before = slept.length;
    server.cutWatches();
    await expect.poll(() => slept.length).toBe(before + 1);
    expect(slept[before]).toBe(slept[0]);
  });
});

describe("what is listed over several pages", () => {
  test("is asked for until there is enough, however few a page holds", async () => {
    const asked: number[] = [];
    const found = await upTo(5, async (size, token) => {
      asked.push(size);
      return [[Number(token), Number(token) + 1], String(Number(token) + 2)];
    });
    expect(found).toEqual([0, 1, 2, 3, 4, 5]);
    expect(asked).toEqual([5, 3, 1]);
    expect(await upTo(5, async () => [[1], ""])).toEqual([1]);
  });
});

describe("a token that was revoked", () => {
  test("ends the following, and leaves the copy to be read", async () => {
    void follow();
    await expect.poll(reached).toBe("1");
    server.tokenGood = false;
    server.cutWatches();
    await expect.poll(() => refusedTokens).toBe(1);
    expect((await copy.customers()).length).toBe(1);
  });
});

describe("a server restored from a backup", () => {
  const encoded = (id: string, requestId: string) =>
    toBinary(
      RecordPurchaseRequestSchema,
      create(RecordPurchaseRequestSchema, {
        parent: DOOR,
        purchaseId: id,
        requestId,
        purchase: purchase(id, 7n),
      }),
    );

  test("is noticed; what it lost of this phone's needs attention; what was queued is sent once", async () => {
    const ids = ["kept", "lost", "queued"];
    const sales = ids.map((id) =>
      sale({ requestId: id, message: encoded(id, id), about: `${DOOR}/purchases/${id}` }),
    );
    const world = {
      now: () => 1,
      chance: () => 0,
      online: () => true,
      signedIn: async () => true,
      refusedToken: async () => {},
      changed: () => {},
    };
    const sender = new Sender(outbox, (item) => api.write(item), world);
    void follow();
    for (const item of sales.slice(0, 2)) await outbox.put(item);
    await sender.drain();
    await expect.poll(total).toBe("2 14");
    if (sales[2]) await outbox.put(sales[2]);
    server.restore(2);
    await expect.poll(async () => (await copy.cursor())?.epoch).toBe("epoch-2");
    await expect.poll(async () => (await outbox.byRequest("lost"))?.attention).toBe("restored");
    expect((await outbox.byRequest("kept"))?.attention).toBe(null);
    await sender.drain();
    await expect.poll(total).toBe("2 14");
    expect(server.journal.filter((change) => change.requestId === "queued").length).toBe(1);
  });
});

describe("a doubt", () => {
  test("is settled by the feed, which names the request", async () => {
    void follow();
    await expect.poll(reached).toBe("1");
    const item = sale({ about: `${DOOR}/purchases/one` });
    await outbox.put(item);
    await outbox.change(1, (now) => ({ ...now, state: "doubt", doubted: true, notBefore: 1e15 }));
    server.put(purchase("one", 3n), item.requestId);
    await expect.poll(async () => (await outbox.byRequest(item.requestId))?.state).toBe("accepted");
    expect((await outbox.byRequest(item.requestId))?.revision).toBe("2");
  });

  test("of an edit that the feed settles brings the version, for the edit after it", async () => {
    void follow();
    await expect.poll(reached).toBe("1");
    const item = sale({ kind: "edit", about: DOOR });
    await outbox.put(item);
    await outbox.change(1, (now) => ({ ...now, state: "doubt", doubted: true, notBefore: 1e15 }));
    server.put(create(CustomerSchema, { name: DOOR, displayName: "Blue Door", etag: '"2"' }), item.requestId);
    await expect.poll(async () => (await outbox.byRequest(item.requestId))?.etag).toBe('"2"');
  });
});
