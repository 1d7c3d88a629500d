import { beforeEach, describe, expect, test } from "vitest";
import { type Item, sentAgain, takenUp, tapped } from "../src/core/machine";
import { silence } from "../src/core/outcomes";
import type { Database } from "../src/store/database";
import { Sender } from "../src/wire/sender";
import { freshDatabase, Ledger, Phone, refusal, sale } from "./world";

let database: Database;
let ledger: Ledger;
let phone: Phone;

beforeEach(async () => {
  database = await freshDatabase();
  ledger = new Ledger();
  phone = new Phone(database, ledger);
});

describe("what is tapped", () => {
  test("is on disk before anything is sent", async () => {
    phone.isOnline = false;
    await phone.outbox.put(sale());
    await phone.settle();
    expect(phone.sent).toEqual([]);
    expect(await phone.states()).toEqual(["queued"]);
  });

  test("is kept once, however often it is tapped", async () => {
    const item = sale();
    expect(await phone.outbox.put(item)).toBe(true);
    expect(await phone.outbox.put(item)).toBe(false);
    await phone.settle();
    expect(ledger.entries.length).toBe(1);
  });

  test("goes out in the order of the taps", async () => {
    const taps = [sale(), sale(), sale()];
    for (const tap of taps) await phone.outbox.put(tap);
    await phone.settle();
    expect(ledger.entries.map((entry) => entry.requestId)).toEqual(taps.map((tap) => tap.requestId));
    expect((await phone.outbox.all()).map((item) => item.revision)).toEqual(["1", "2", "3"]);
  });
});

describe("a lost answer", () => {
  test("leaves a doubt, which asking again with the same id resolves", async () => {
    const item = sale();
    await phone.outbox.put(item);
    let calls = 0;
    phone.fate = () => (calls++ ? "pass" : "lose-reply");
    await phone.sender().drain();
    expect(await phone.states()).toEqual(["doubt"]);
    await phone.settle();
    expect(phone.sent).toEqual([item.requestId, item.requestId]);
    expect(await phone.states()).toEqual(["accepted"]);
    expect(ledger.count(item.about)).toBe(1);
  });

  test("is a doubt also after a crash in the middle of sending", async () => {
    await phone.outbox.put(sale());
    // The app ends while the call is on its way: no answer ever comes.
    const crashed = new Sender(
      phone.outbox,
      (item) => {
        ledger.take(item);
        return new Promise<never>(() => {});
      },
      phone.world,
    );
    void crashed.drain();
    await expect.poll(() => phone.states()).toEqual(["sending"]);
    await phone.settle();
    expect(await phone.states()).toEqual(["accepted"]);
    expect(ledger.entries.length).toBe(1);
  });

  test("is asked again however old it is, for the server keeps the id", async () => {
    await phone.outbox.put(sale());
    phone.fate = () => "lose-reply";
    await phone.sender().drain();
    expect(await phone.states()).toEqual(["doubt"]);
    phone.now += 400 * 86_400_000;
    phone.fate = () => "pass";
    await phone.settle();
    expect(await phone.states()).toEqual(["accepted"]);
    expect(ledger.entries.length).toBe(1);
  });

  test("that an earlier version had put aside for its age is taken up", () => {
    const aside = { ...tapped(sale()), seq: 1, state: "doubt", attention: "old" } as unknown as Item;
    expect(takenUp(aside).attention).toBe(null);
    expect(takenUp({ ...aside, attention: "unclear" }).attention).toBe("unclear");
  });

  test("holds up those behind it, so that the order stays", async () => {
    await phone.outbox.put(sale());
    await phone.outbox.put(sale());
    phone.fate = () => "lose-request";
    const pause = await phone.sender().drain();
    expect(pause.why).toBe("wait");
    expect(await phone.states()).toEqual(["doubt", "queued"]);
  });

  test("is asked for after longer and longer pauses, half a minute at most", async () => {
    await phone.outbox.put(sale());
    phone.fate = () => "lose-request";
    const pauses: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      const pause = await phone.sender().drain();
      pauses.push(pause.againMs ?? -1);
      phone.now += pause.againMs ?? 0;
    }
    expect(pauses.every((pause, at) => pause >= (pauses[at - 1] ?? 0))).toBe(true);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_100);
  });

  test("does not make it wait when the network comes back", async () => {
    await phone.outbox.put(sale());
    phone.fate = () => "lose-request";
    await phone.sender().drain();
    phone.fate = () => "pass";
    expect((await phone.sender().drain(true)).why).toBe("empty");
  });
});

describe("a refusal", () => {
  test("steps aside and blocks nobody", async () => {
    const [bad, good] = [sale(), sale()];
    await phone.outbox.put(bad);
    await phone.outbox.put(good);
    ledger.refuse.set(bad.requestId, refusal("INVALID_ARGUMENT", "AMOUNT_MISMATCH", { amount: "12.00 EUR" }));
    await phone.settle();
    expect(await phone.states()).toEqual(["refused", "accepted"]);
    const [first] = await phone.outbox.all();
    expect(first?.refusal).toMatchObject({ reason: "AMOUNT_MISMATCH", facts: { amount: "12.00 EUR" } });
  });

  test("that is put right goes before what was tapped after it, and may need it", async () => {
    const [customer, first] = [sale(), sale()];
    await phone.outbox.put(customer);
    await phone.outbox.put(first);
    ledger.refuse.set(
      customer.requestId,
      refusal("ALREADY_EXISTS", "EMAIL_TAKEN", { name: "customers/other" }),
    );
    ledger.refuse.set(first.requestId, refusal("NOT_FOUND", "CUSTOMER_NOT_FOUND"));
    await phone.settle();
    expect(await phone.states()).toEqual(["refused", "refused"]);
    ledger.refuse.clear();
    const corrected = sale({ about: customer.about });
    await phone.outbox.change(2, sentAgain);
    await phone.outbox.replace(1, corrected);
    await phone.settle();
    expect(ledger.entries.map((entry) => entry.requestId)).toEqual([corrected.requestId, first.requestId]);
  });

  test("that the server did not sign proves nothing", async () => {
    await phone.outbox.put(sale());
    const portal = { ...refusal("PERMISSION_DENIED", ""), signed: false };
    const sender = new Sender(phone.outbox, async () => portal, phone.world);
    await sender.drain();
    expect(await phone.states()).toEqual(["doubt"]);
  });

  test("of the caller says nothing about an earlier attempt", async () => {
    await phone.outbox.put(sale());
    const answers = [silence(""), refusal("PERMISSION_DENIED", "CALL_NOT_ALLOWED")];
    const sender = new Sender(phone.outbox, async () => answers.shift() ?? silence(""), phone.world);
    await sender.drain();
    await sender.drain(true);
    const [item] = await phone.outbox.all();
    expect([item?.state, item?.attention]).toEqual(["doubt", "unclear"]);
  });

  test("of an id that exists because the first attempt made it is no refusal", async () => {
    await phone.outbox.put(sale());
    phone.fate = () => "lose-reply";
    await phone.sender().drain();
    // Signed in anew with a token of another name: to the server a request of another caller.
    ledger.actor = "till-2";
    phone.fate = () => "pass";
    await phone.settle();
    expect(await phone.states()).toEqual(["accepted"]);
    expect(ledger.entries.length).toBe(1);
  });
});

describe("a server in trouble", () => {
  test("with one request does not hold up the others for ever", async () => {
    const [bad, good] = [sale(), sale()];
    await phone.outbox.put(bad);
    await phone.outbox.put(good);
    ledger.refuse.set(bad.requestId, refusal("INTERNAL", "INTERNAL"));
    await phone.settle();
    expect(await phone.states()).toEqual(["unclear", "accepted"]);
  });

  test("is not asked before it says", async () => {
    await phone.outbox.put(sale());
    const busy = { ...refusal("RESOURCE_EXHAUSTED", "CALLS_TOO_FAST"), waitMs: 45_000 };
    const pause = await new Sender(phone.outbox, async () => busy, phone.world).drain();
    expect(pause).toEqual({ why: "wait", againMs: 45_000 });
  });
});

describe("a revoked token", () => {
  test("keeps the queue, and the doubt, and asks to sign in again", async () => {
    await phone.outbox.put(sale());
    await phone.outbox.put(sale());
    phone.fate = () => "lose-reply";
    await phone.sender().drain();
    phone.fate = () => "pass";
    ledger.tokenGood = false;
    expect((await phone.sender().drain(true)).why).toBe("token");
    expect(await phone.states()).toEqual(["doubt", "queued"]);
    expect(phone.tokenRefused).toBe(true);
    ledger.tokenGood = true;
    phone.tokenRefused = false;
    await phone.settle();
    expect(await phone.states()).toEqual(["accepted", "accepted"]);
    expect(ledger.entries.length).toBe(2);
  });
});

describe("the feed", () => {
  test("resolves a doubt before the answer does", async () => {
    const item = sale();
    await phone.outbox.put(item);
    phone.fate = () => "lose-reply";
    await phone.sender().drain();
    expect(
      await phone.outbox.confirm(new Map([[item.requestId, { revision: 7n, etag: "" }]]), phone.now),
    ).toBe(1);
    const [kept] = await phone.outbox.all();
    expect([kept?.state, kept?.revision]).toEqual(["accepted", "7"]);
    expect(
      await phone.outbox.confirm(new Map([[item.requestId, { revision: 7n, etag: "" }]]), phone.now),
    ).toBe(0);
  });

  test("is not contradicted by an answer that is lost later", async () => {
    const item = sale();
    await phone.outbox.put(item);
    const sender = new Sender(
      phone.outbox,
      async (sending) => {
        await phone.outbox.confirm(new Map([[sending.requestId, { revision: 3n, etag: "" }]]), phone.now);
        return silence("cut");
      },
      phone.world,
    );
    await sender.drain();
    expect(await phone.states()).toEqual(["accepted"]);
  });
});
