import { openDB } from "idb";
import { beforeEach, expect, test } from "vitest";
import { NO_LINE } from "../src/core/sales";
import { type Database, type Draft, open } from "../src/store/database";
import { Drafts } from "../src/store/drafts";
import { Outbox } from "../src/store/outbox";
import { freshDatabase, sale } from "./world";

const draft = (requestId: string, total = "1"): Draft => ({
  requestId,
  customer: `customers/${requestId}`,
  currency: "EUR",
  lines: [NO_LINE],
  total,
  note: "",
});
const ids = async () => (await drafts.all()).map((each) => each.requestId);
let database: Database;
let drafts: Drafts;

beforeEach(async () => {
  database = await freshDatabase();
  drafts = new Drafts(database);
});

test("a sale that was begun stays when another one is, and the latest is the last", async () => {
  await drafts.keep(draft("a"));
  await drafts.keep(draft("b"));
  await drafts.keep(draft("a", "2"));
  expect(await ids()).toEqual(["b", "a"]);
  await drafts.drop("b");
  await drafts.keep(draft("a", " "));
  expect(await ids()).toEqual([]);
});

test("keystrokes that come together all count", async () => {
  await Promise.all(["a", "b", "c"].map((id) => drafts.keep(draft(id))));
  expect(await ids()).toEqual(["a", "b", "c"]);
});

test("what is recorded is no draft any more, in the same transaction", async () => {
  await drafts.keep(draft("a"));
  await drafts.keep(draft("b"));
  await new Outbox(database).put(sale({ requestId: "a" }), true);
  expect(await ids()).toEqual(["b"]);
});

test("the one draft of an earlier version is taken over", async () => {
  database.close();
  const old = await openDB("old", 3, {
    upgrade(made) {
      for (const name of ["customers", "purchases", "answers"]) made.createObjectStore(name);
      made.createObjectStore("outbox", { keyPath: "seq" });
      made.createObjectStore("meta", { keyPath: "key" });
    },
  });
  await old.put("meta", { key: "draft", value: draft("a") });
  old.close();
  drafts = new Drafts(await open("old"));
  expect(await ids()).toEqual(["a"]);
});
