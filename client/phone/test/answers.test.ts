// Answers that are kept: what makes them old, what survives, and what is forgotten.
import { create } from "@bufbuild/protobuf";
import { IDBFactory } from "fake-indexeddb";
import { openDB } from "idb";
import { beforeEach, describe, expect, test } from "vitest";
import { isOld, isPresent, turns } from "../src/core/answers";
import { CustomerSchema } from "../src/gen/clientela/v1/customers_pb";
import { type Change, ChangeSchema } from "../src/gen/clientela/v1/feed_pb";
import { Answers } from "../src/store/answers";
import { Copy } from "../src/store/copy";
import { type Database, open } from "../src/store/database";
import { Outbox } from "../src/store/outbox";
import { freshDatabase, sale } from "./world";

const KEY = "customers/blue-door/standing";
let database: Database;
let answers: Answers;
let copy: Copy;

beforeEach(async () => {
  database = await freshDatabase();
  answers = new Answers(database);
  copy = new Copy(database);
});

const change = (name: string, revision: bigint): Change => create(ChangeSchema, { name, revision });
const fed = (revision: bigint, ...changes: Change[]) =>
  copy.apply(changes, { epoch: "e", revision: revision.toString(), syncedAt: 0 });
const came = (asOf: string, byte = 1) => ({
  record: new Uint8Array([byte]),
  language: "en",
  asOf,
  seenAt: 1000,
});
const old = async (key = KEY) => {
  const row = await answers.get(key);
  return row && isOld(row);
};

describe("an answer that is extended while it is asked for anew", () => {
  const seen = async () => [...((await answers.get(KEY))?.record ?? [])];

  /** Work that reads, waits for the server, and keeps; the server answers when told to. */
  const slow = (change: (before: number[]) => number[], asOf: string) => {
    let reply = () => {};
    const replied = new Promise<void>((resolve) => {
      reply = resolve;
    });
    const done = answers.alone(KEY, async () => {
      const before = await seen();
      await replied;
      await answers.keep(KEY, { ...came(asOf), record: new Uint8Array(change(before)) });
    });
    return { reply, done };
  };
  const more = () => slow((before) => [...before, 2], "5");
  /** As many as were seen, as a screen asks for them. */
  const anew = () => slow((before) => before.map((each) => each + 10), "6");

  beforeEach(async () => {
    await answers.expect(KEY);
    await answers.keep(KEY, came("5"));
  });

  test("keeps what was added, where more was asked for first", async () => {
    const [first, second] = [more(), anew()];
    second.reply();
    first.reply();
    await Promise.all([first.done, second.done]);
    expect(await seen()).toEqual([11, 12]);
  });

  test("a work that fails does not hold up the next", async () => {
    const failed = answers.alone(KEY, () => Promise.reject(new Error("no network")));
    const next = more();
    next.reply();
    await expect(failed).rejects.toThrow("no network");
    await next.done;
    expect(await seen()).toEqual([1, 2]);
  });

  test("other answers do not wait for it", async () => {
    const waiting = more();
    await answers.alone("segments", () => Promise.resolve());
    waiting.reply();
    await waiting.done;
  });
});

describe("what makes an answer old", () => {
  test.each([
    ["customers/blue-door", KEY, true],
    ["customers/blue-door/purchases/one", KEY, true],
    ["customers/blue-door-2", KEY, false],
    ["customers/blue", KEY, false],
    ["segments/win-back", KEY, false],
    ["policy", KEY, true],
    ["segments/win-back", "segments", true],
    ["segments/win-back", "segments/win-back/customers", true],
    ["segments/other", "segments/win-back/customers", false],
    ["customers/segments", "segments", false],
    ["policy", "segments/win-back/customers", true],
  ])("a change of %s: %s is old: %s", (name, key, wanted) => expect(turns(name, key)).toBe(wanted));

  test("a stage that time changed comes as a change of the customer, with no resource", async () => {
    await answers.expect(KEY);
    await answers.keep(KEY, came("5"));
    expect(await old()).toBe(false);
    await fed(6n, change("customers/blue-door", 6n));
    expect(await old()).toBe(true);
    await answers.keep(KEY, came("6"));
    expect(await old()).toBe(false);
    expect((await copy.cursor())?.revision).toBe("6");
  });

  test("a change that the feed brings before the answer is held against it", async () => {
    await answers.expect(KEY);
    await fed(7n, change("customers/blue-door/purchases/one", 7n));
    await answers.keep(KEY, came("6"));
    expect(await old()).toBe(true);
  });

  test("what the answer holds already makes it no older", async () => {
    await answers.expect(KEY);
    await answers.keep(KEY, came("9"));
    await fed(8n, change("customers/blue-door", 8n));
    expect(await old()).toBe(false);
  });
});

describe("keeping", () => {
  test("the answer that reflects more stays", async () => {
    await answers.expect(KEY);
    await answers.keep(KEY, came("9", 9));
    await answers.keep(KEY, came("8", 8));
    expect((await answers.get(KEY))?.record).toEqual(new Uint8Array([9]));
    await answers.expect(KEY);
    expect((await answers.get(KEY))?.asOf).toBe("9");
  });

  test("what comes after a restore or a signing out, asked for before, is not kept", async () => {
    await answers.expect(KEY);
    await copy.forget();
    await answers.keep(KEY, came("9"));
    expect(await answers.get(KEY)).toBe(null);
  });

  test("goes with the customer", async () => {
    await answers.expect(KEY);
    await answers.keep(KEY, came("5"));
    const value = create(CustomerSchema, { name: "customers/blue-door", deleteTime: { seconds: 1n } });
    await fed(
      6n,
      create(ChangeSchema, { name: value.name, revision: 6n, resource: { case: "customer", value } }),
    );
    expect(await answers.get(KEY)).toBe(null);
  });

  test("is the present only while the feed is open, nothing changed, and for some minutes", async () => {
    await answers.expect(KEY);
    await answers.keep(KEY, came("9"));
    const row = await answers.get(KEY);
    if (!row) throw new Error("it is there");
    expect(isPresent(row, true, 2000)).toBe(true);
    expect(isPresent(row, false, 2000)).toBe(false);
    expect(isPresent(row, true, 301_000)).toBe(false);
    expect(isPresent({ ...row, turned: "10" }, true, 2000)).toBe(false);
  });
});

test("a phone of the version before keeps its queue", async () => {
  globalThis.indexedDB = new IDBFactory();
  const before = await openDB("clientela", 1, {
    upgrade(made) {
      const outbox = made.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true });
      outbox.createIndex("requestId", "requestId", { unique: true });
      outbox.createIndex("customer", "customer");
      made.createObjectStore("customers", { keyPath: "name" });
      const purchases = made.createObjectStore("purchases", { keyPath: "name" });
      purchases.createIndex("customer", ["customer", "order"]);
      purchases.createIndex("order", "order");
      made.createObjectStore("meta", { keyPath: "key" });
    },
  });
  await before.put("outbox", { ...sale({ requestId: "kept" }), state: "doubt", attention: "old" });
  before.close();
  const now = await open();
  expect(await new Outbox(now).byRequest("kept")).toMatchObject({ requestId: "kept", attention: null });
  await new Answers(now).expect(KEY);
  expect(await new Answers(now).get(KEY)).not.toBe(null);
});
