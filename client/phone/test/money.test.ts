import { describe, expect, test } from "vitest";
import {
  fromWire,
  lineTotal,
  parseCash,
  parseQuantity,
  plainCash,
  showCash,
  sum,
  toWire,
} from "../src/core/money";
import { seeded } from "./world";

const eur = (text: string) => {
  const cash = parseCash(text, "EUR");
  if (!cash) throw new Error(text);
  return cash;
};

describe("amounts", () => {
  test.each([
    ["12,50", "12.50"],
    ["12.5", "12.50"],
    ["1 234", "1234.00"],
    ["0", "0.00"],
    ["7.", "7.00"],
    ["999999999999999", "999999999999999.00"],
  ])("%s is read as %s", (typed, wanted) => expect(plainCash(eur(typed))).toBe(wanted));

  test.each(["", "-1", "1.234", "1,2,3", "12a", "1e3", ".5", "9999999999999999"])(
    "%s is not an amount",
    (typed) => {
      expect(parseCash(typed, "EUR")).toBe(null);
    },
  );

  test("the currency says how small a coin is", () => {
    expect(parseCash("1.5", "JPY")).toBe(null);
    expect(parseCash("1.125", "KWD")?.nanos).toBe(1_125_000_000n);
    expect(parseCash("1.0001", "CLF")?.nanos).toBe(1_000_100_000n);
    expect(parseCash("1.00001", "CLF")).toBe(null);
  });

  test("go over the wire as units and nanos, and back", () => {
    expect(toWire(eur("19.90"))).toEqual({ currencyCode: "EUR", units: 19n, nanos: 900_000_000 });
    expect(fromWire(toWire(eur("19.90")))).toEqual(eur("19.90"));
  });

  test("add up without a float's error", () => {
    const dimes = Array.from({ length: 10 }, () => eur("0.10"));
    expect(plainCash(sum("EUR", dimes))).toBe("1.00");
    const large = { currency: "EUR", nanos: 9_007_199_254_740_993_000_000_000n };
    expect(showCash(large, "en")).toContain("9,007,199,254,740,993.00");
  });

  test("are shown as each language writes them", () => {
    const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");
    expect(plain(showCash(eur("1234.50"), "en"))).toBe("€1,234.50");
    expect(plain(showCash(eur("1234.50"), "lt"))).toBe("1 234,50 €");
  });
});

describe("lines", () => {
  test.each([
    ["2.99", "0.375", "1.12"],
    ["0.05", "0.5", "0.03"],
    ["3.30", "3", "9.90"],
    ["1.00", "0", "0.00"],
  ])("%s times %s is %s, rounded half up to a coin", (price, quantity, wanted) => {
    expect(plainCash(lineTotal(eur(price), quantity))).toBe(wanted);
  });

  test("a price finer than a coin stays exact", () => {
    expect(lineTotal({ currency: "EUR", nanos: 12_500_000n }, "3").nanos).toBe(37_500_000n);
  });

  test("quantities are plain decimals on the wire", () => {
    expect(parseQuantity("0,375")).toBe("0.375");
    expect(parseQuantity("2")).toBe("2");
    expect(parseQuantity("1.0000000001")).toBe(null);
  });

  test("whatever the price, whole quantities add up exactly", () => {
    const chance = seeded(7);
    for (let round = 0; round < 500; round += 1) {
      const cents = Math.floor(chance() * 1e6);
      const count = Math.floor(chance() * 1000);
      const price = { currency: "EUR", nanos: BigInt(cents) * 10_000_000n };
      expect(lineTotal(price, String(count)).nanos).toBe(price.nanos * BigInt(count));
    }
  });
});
