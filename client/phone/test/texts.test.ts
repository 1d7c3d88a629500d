import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { count, fill, LANGUAGES, type Language, load } from "../src/texts";
import { loadStanding } from "../src/texts/standing";

const languages = Object.keys(LANGUAGES) as Language[];
const all = async (language: Language): Promise<Readonly<Record<string, string>>> => ({
  ...(await load(language)),
  ...(await loadStanding(language)),
});
const english = await all("en");
const blanks = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();

describe.each(languages)("%s", async (language) => {
  const texts = await all(language);

  test("has every key, and no other", () => {
    expect(Object.keys(texts).sort()).toEqual(Object.keys(english).sort());
  });

  test("says something under each, with the same blanks to fill in", () => {
    for (const [key, text] of Object.entries(texts)) {
      expect(text.trim(), key).not.toBe("");
      expect(blanks(text), key).toEqual(blanks(english[key] ?? ""));
    }
  });

  test("is translated", () => {
    if (language === "en") return;
    const same = Object.keys(texts).filter((key) => texts[key] === english[key]);
    expect(
      same.filter((key) => !["app", "customer_since", "signin_token", "field_emails"].includes(key)),
    ).toEqual([]);
  });

  test("has the form that each number takes", () => {
    for (const n of [0, 1, 2, 5, 11, 21, 22, 101]) expect(count(language, "bought", n)).toContain(String(n));
  });
});

test("a fact that ends in a dot ends the sentence with it", () => {
  expect(fill("Прочитано {when}.", { when: "30 д." })).toBe("Прочитано 30 д.");
  expect(fill("{when}. Потом", { when: "22 нояб. 2026 г." })).toBe("22 нояб. 2026 г. Потом");
  expect(fill("Reading ... {n}", { n: "5" })).toBe("Reading ... 5");
});

test("every key is used", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => /\.tsx?$/.test(file) && !/^(gen|texts)/.test(file));
  const source = sources.map((file) => readFileSync(`src/${file}`, "utf8")).join("\n");
  const stems =
    /^(field|kind|means|bought|customers_more|signin_kept|meter_trips|label|measure|members|members_first)_/;
  const unused = Object.keys(english).filter((key) => !stems.test(key) && !source.includes(`"${key}"`));
  expect(unused).toEqual([]);
});
