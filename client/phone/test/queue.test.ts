// The queue under random weather: taps, losses, reloads, two tabs, new tokens. Each sale is recorded once, and each
// comes to an end.
import { expect, test } from "vitest";
import { Pump } from "../src/wire/pump";
import { type Fate, freshDatabase, Ledger, Phone, refusal, sale, seeded } from "./world";

const FATES: readonly Fate[] = ["pass", "pass", "lose-request", "lose-reply"];

async function story(seed: number): Promise<void> {
  const chance = seeded(seed);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(chance() * choices.length)] as T;
  const ledger = new Ledger();
  const phone = new Phone(await freshDatabase(), ledger, chance);
  phone.fate = () => pick(FATES);
  const sales = [];
  for (let step = 0; step < 25; step += 1) {
    const what = pick([
      "tap",
      "tap",
      "tap twice",
      "bad tap",
      "drain",
      "hurry",
      "crash",
      "offline",
      "online",
      "clerk",
    ]);
    if (what.includes("tap")) {
      const item = sale();
      sales.push(item);
      if (what === "bad tap")
        ledger.refuse.set(item.requestId, refusal("INVALID_ARGUMENT", "AMOUNT_MISMATCH"));
      await phone.outbox.put(item);
      if (what === "tap twice") await phone.outbox.put(item);
    }
    if (what === "drain" || what === "hurry") await phone.sender().drain(what === "hurry");
    if (what === "crash") await crash(phone, ledger);
    if (what === "offline" || what === "online") phone.isOnline = what === "online";
    if (what === "clerk") ledger.actor = pick(["till-1", "till-2"]);
  }
  phone.isOnline = true;
  phone.fate = () => "pass";
  await phone.settle();
  for (const item of await phone.outbox.all()) {
    const refused = ledger.refuse.has(item.requestId);
    expect([item.state, ledger.count(item.about)], `seed ${seed}`).toEqual(
      refused ? ["refused", 0] : ["accepted", 1],
    );
  }
  expect((await phone.outbox.all()).length).toBe(sales.length);
}

/** The app dies with a call on its way, which arrives or not. */
async function crash(phone: Phone, ledger: Ledger): Promise<void> {
  const item = await phone.outbox.first();
  if (!item || !phone.isOnline) return;
  await phone.outbox.change(item.seq, (now) => ({
    ...now,
    state: "sending",
    attempts: now.attempts + 1,
    firstSentAt: phone.now,
  }));
  if (phone.fate(item) !== "lose-request") ledger.take(item);
}

test("each sale is recorded once, whatever happens", async () => {
  for (let seed = 1; seed <= 150; seed += 1) await story(seed);
}, 60_000);

test("two tabs have one sender", async () => {
  const ledger = new Ledger();
  const phone = new Phone(await freshDatabase(), ledger);
  let [now, most] = [0, 0];
  const send = phone.send.bind(phone);
  phone.send = async (item) => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now -= 1;
    return send(item);
  };
  let last: Promise<unknown> = Promise.resolve();
  const locks = {
    request: <T>(_name: string, work: () => Promise<T>): Promise<T> => {
      const mine = last.then(work);
      last = mine;
      return mine;
    },
  };
  const tabs = [new Pump(phone.sender(), locks), new Pump(phone.sender(), locks)];
  for (let taps = 0; taps < 10; taps += 1) {
    await phone.outbox.put(sale());
    for (const tab of tabs) void tab.kick();
  }
  await Promise.all(tabs.map((tab) => tab.kick()));
  expect(most).toBe(1);
  expect(phone.sent.length).toBe(10);
  expect(await phone.states()).toEqual(Array(10).fill("accepted"));
});

test("a checker that can fail: a ledger that forgets request ids and names doubles a sale", async () => {
  const ledger = new Ledger();
  const phone = new Phone(await freshDatabase(), ledger);
  const item = sale();
  await phone.outbox.put(item);
  phone.fate = () => "lose-reply";
  await phone.sender().drain();
  phone.fate = () => "pass";
  const [entry] = ledger.entries;
  ledger.entries = [{ ...entry, requestId: "forgotten", about: "forgotten" } as never];
  await phone.settle();
  expect(ledger.entries.length).toBe(2);
});
