import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { ago } from "../src/core/ages";
import { add, NOTHING, polling, showBytes } from "../src/core/meter";
import { provesNotDone } from "../src/core/outcomes";
import { matches, wordsOf } from "../src/core/search";
import { LocalizedMessageSchema } from "../src/gen/google/rpc/error_details_pb";
import { failedBy } from "../src/wire/faults";
import { refuse } from "./fake_server";

describe("what an error proves", () => {
  const PROVEN = ["InvalidArgument", "Unauthenticated", "PermissionDenied", "NotFound", "AlreadyExists"];
  PROVEN.push("FailedPrecondition", "OutOfRange", "Unimplemented", "Aborted");
  const codes = Object.keys(Code).filter((name) => Number.isNaN(Number(name))) as (keyof typeof Code)[];

  test.each(codes)("%s", (name) => {
    expect(provesNotDone(failedBy(refuse(Code[name], "SOME_REASON")))).toBe(PROVEN.includes(name));
    expect(provesNotDone(failedBy(new ConnectError("a portal's page", Code[name])))).toBe(false);
  });

  test("a failed fetch is no word of the server", () => {
    expect(failedBy(new TypeError("Failed to fetch"))).toMatchObject({ signed: false });
  });
});

test("what the server says has one dot at its end", () => {
  const details = [
    { desc: LocalizedMessageSchema, value: { locale: "ru", message: "Не раньше чем через 30 д.." } },
  ];
  expect(failedBy(new ConnectError("x", Code.Internal, undefined, details)).message).toBe(
    "Не раньше чем через 30 д.",
  );
});

describe("finding", () => {
  const words = wordsOf([
    "Łucja Žukauskaitė",
    "Blue-Door Café",
    "anna@example.com",
    "+48221234567 48221234567",
  ]);
  test.each(["luc", "zuk luc", "cafe", "door", "blue-d", "anna@ex", "example", "4822", ""])(
    "%s is found",
    (typed) => {
      expect(matches(words, typed)).toBe(true);
    },
  );
  test.each(["ucja", "cafe x", "nna"])("%s is not", (typed) => expect(matches(words, typed)).toBe(false));

  test.each([
    "+48 22 123 45 67",
    "48 22 123-45-67",
    "+48\u00a022\u00a0123\u202f45\u201167",
    "(+48) 22.123.45.67",
    "0048 22 123 45 67",
    "+48 (0)22 1234567",
    "22 123 45 67",
    "022 1234567",
    "123-45-67",
    "4567",
    "cafe 22 123",
    "221 luc",
  ])("%s is found by its digits", (typed) => expect(matches(words, typed)).toBe(true));
  test.each(["22 321", "+48 22 123 45 68", "67", "cafe 999", "0", "221234567890"])(
    "%s is no number of these",
    (typed) => expect(matches(words, typed)).toBe(false),
  );

  test.each([
    ["Đorđe Đoković", "dorde dokovic"],
    ["Işık", "isik"],
    ["İZMİR", "izmir"],
    ["Æsop Œuvre", "aesop oeuvre"],
    ["Łódź Øre Straße", "lodz ore strasse"],
    ["Ħal Guðrún Þór", "hal gudrun thor"],
    ["Ėjus Ūla", "ejus ula"],
    ["O’Brien", "o'brien"],
    ["Οδυσσεύς", "οδυσσευς"],
    ["Cafe\u0301", "caf\u00e9"],
    ["ﬁrm", "firm"],
  ])("%s is found by %s, and by itself", (name, typed) => {
    for (const each of [typed, name, name.toUpperCase()]) expect(matches(wordsOf([name]), each)).toBe(true);
    expect(matches(wordsOf([typed]), name)).toBe(true);
  });

  test("what an earlier version kept is found too", () => {
    const kept = " đorđe đorđe +48221234567 48221234567  48221234567 48221234567";
    for (const typed of ["dor", "đor", "22 123 45"]) expect(matches(kept, typed)).toBe(true);
  });
});

describe("the meter", () => {
  test("counts", () => {
    const spent = add(add(NOTHING, { trips: 1, bytesUp: 10 }), { trips: 1, bytesDown: 5, watchedMs: 61_000 });
    expect(spent).toEqual({ ...NOTHING, trips: 2, bytesUp: 10, bytesDown: 5, watchedMs: 61_000 });
    expect(polling(spent.watchedMs, 300)).toEqual({ trips: 6, bytes: 6000 });
  });
  test.each([
    [812, "812 B"],
    [3400, "3.4 kB"],
    [1_234_000, "1.2 MB"],
  ])("%i is %s", (bytes, wanted) => expect(showBytes(bytes, "en")).toBe(wanted));
});

test("ages are told in each language", () => {
  expect(ago(0, 185_000, "en")).toBe("3 minutes ago");
  expect(ago(0, 3 * 86_400_000, "pl")).toBe("3 dni temu");
});
