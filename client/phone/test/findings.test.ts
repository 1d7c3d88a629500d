// A standing as people read it.
import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import {
  barOf,
  KINDS,
  kindsOf,
  readable,
  readingOf,
  STAGES,
  showMeasured,
  stageOf,
} from "../src/core/findings";
import { Kind, MeasureSchema, Stage, StandingSchema } from "../src/gen/clientela/v1/standing_pb";

const plain = (text: string | null) => text?.replace(/[\u00a0\u202f]/g, " ");

test("stages and kinds have the names of the contract", () => {
  expect(Object.keys(Stage).filter((name) => Number.isNaN(Number(name)))).toEqual(["UNSPECIFIED", ...STAGES]);
  expect(Object.keys(Kind).filter((name) => Number.isNaN(Number(name)))).toEqual(["UNSPECIFIED", ...KINDS]);
});

describe("a standing", () => {
  const finding = (label: string, holds: boolean) => ({ label, holds });
  const findings = [
    finding("NEW", false),
    finding("REGULAR", true),
    finding("LOYAL", true),
    finding("B2B", false),
    finding("CLIENT", true),
  ];

  test("is read from its stage on: what holds, then what does not", () => {
    const standing = create(StandingSchema, { stage: Stage.LOYAL, kinds: [Kind.CLIENT], findings });
    const { stage, held, others } = readingOf(standing);
    expect(stage?.label).toBe("LOYAL");
    expect(held.map(({ label }) => label)).toEqual(["REGULAR", "CLIENT"]);
    expect(others.map(({ label }) => label)).toEqual(["NEW", "B2B"]);
    expect([stageOf(standing), kindsOf(standing)]).toEqual(["LOYAL", ["CLIENT"]]);
  });

  test("may be between two stages, or of a stage and a kind that this version does not know", () => {
    expect(readingOf(create(StandingSchema, { findings: [finding("NEW", false)] })).stage).toBe(null);
    const later = create(StandingSchema, { stage: 9 as Stage, kinds: [Kind.BUYER, 99 as Kind] });
    expect([stageOf(later), kindsOf(later)]).toEqual(["", ["BUYER"]]);
  });
});

describe("a sentence", () => {
  test.each([
    [
      "one purchase before 2026-12-14 keeps REGULAR",
      "en",
      "One purchase before December 14, 2026 keeps “Stały”.",
    ],
    [
      "jeden zakup przed 2026-12-14 zachowa REGULAR",
      "pl",
      "Jeden zakup przed 14 grudnia 2026 zachowa „Stały”.",
    ],
    ["REGULAR кончится 2026-12-14", "ru", "«Stały» кончится 14 декабря 2026 г."],
    ["Купил 2026-11-22. С тех пор прошло 30 д.", "ru", "Купил 22 ноября 2026 г. С тех пор прошло 30 д."],
    ["nuo 2026-11-22. Dar 30 d.", "lt", "Nuo 2026 m. lapkričio 22 d. Dar 30 d."],
    ["и так далее... 2026-11-22", "ru", "И так далее... 22 ноября 2026 г."],
    ["Revenue of 1360.00 EUR, 50 % of it", "pl", "Revenue of 1360,00 €, 50 % of it."],
    ["Bought on 3 days.", "en", "Bought on 3 days."],
    ["IRREGULAR stays", "en", "IRREGULAR stays."],
  ])("%s", (sentence, language, wanted) => {
    expect(plain(readable(sentence, "REGULAR", "Stały", language))).toBe(wanted);
  });
});

describe("a measure", () => {
  test.each([
    ["192", "days", "en", "192 days"],
    ["3", "days", "ru", "3 дня"],
    ["66.67", "%", "pl", "66,67%"],
    ["1234.5", "EUR", "lt", "1 234,50 €"],
    ["-12.5", "EUR", "en", "-€12.50"],
    ["2", "clients", "en", "2"],
    ["12.5", "tea", "en", "12.5 · tea"],
  ])("%s %s in %s", (value, unit, language, wanted) => {
    expect(plain(showMeasured(value, unit, language))).toBe(wanted);
  });

  test("of yes and no has no unit", () => expect(showMeasured("1", "", "en")).toBe(null));

  const bar = (name: string, value: string, threshold: string, unit: string) =>
    barOf(create(MeasureSchema, { name, unit, value: { value }, threshold: { value: threshold } }));

  test("is drawn beside its threshold, and fits", () => {
    for (const [value, threshold, unit] of [
      ["192", "180", "days"],
      ["3", "180", "days"],
      ["100", "50", "%"],
      ["-5", "100", "EUR"],
    ] as const) {
      const { filled, mark } = bar("silence", value, threshold, unit) ?? { filled: -1, mark: -1 };
      expect(Math.min(filled, mark)).toBeGreaterThanOrEqual(0);
      expect(Math.max(filled, mark)).toBeLessThanOrEqual(100);
      expect(filled > mark).toBe(Number(value) > Number(threshold));
    }
  });

  test("is not drawn where there is nothing to reach", () => {
    expect(bar("organization", "1", "1", "")).toBe(null);
    expect(bar("rank", "1", "3", "clients")).toBe(null);
    expect(bar("purchases", "3", "0", "purchases")).toBe(null);
    expect(barOf(create(MeasureSchema, { name: "revenue", unit: "EUR", value: { value: "3" } }))).toBe(null);
  });
});
