// What a first opening costs: the page, the script, the stylesheet, and one language. As built and committed.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const BUILT = "../../server/clientela_server/web/phone";
const LIMIT = 60_000;
const LATER_LIMIT = 15_000;

const text = (file: string) => readFileSync(`${BUILT}/${file}`, "utf8");
const packed = (file: string) => gzipSync(readFileSync(`${BUILT}/${file}`), { level: 9 }).length;
const sum = (files: readonly string[]) => files.reduce((total, file) => total + packed(file), 0);
const largest = (files: readonly string[]) => Math.max(...files.map(packed));

const page = text("index.html");
const assets = readdirSync(`${BUILT}/assets`).map((name) => `assets/${name}`);
const first = assets.filter((name) => page.includes(name));
const languages = assets.filter((name) => /\/(en|pl|ru|lt)-/.test(name));
const laterLanguages = assets.filter((name) => /\/standing_(en|pl|ru|lt)-/.test(name));
const later = assets.filter((name) => ![...first, ...languages, ...laterLanguages].includes(name));

test("the shell is at most 60 kB packed, in any language", () => {
  expect([first.length, languages.length]).toEqual([2, 4]);
  expect(sum(["index.html", ...first]) + largest(languages)).toBeLessThan(LIMIT);
});

test("the shell needs no other script to begin", () => {
  const [script = ""] = first.filter((name) => name.endsWith(".js"));
  expect(text(script)).not.toMatch(/(^|[;\n}])import(\{[^}]*\}from)?["'`]/);
});

test("what is loaded when it is first looked at is at most 15 kB more", () => {
  expect(laterLanguages.length).toBe(4);
  expect(sum(later) + largest(laterLanguages)).toBeLessThan(LATER_LIMIT);
});

test("nothing in the page is inline, so the strictest policy lets it run", () => {
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son\w+=/);
});

test("the service worker keeps what the page needs, and never answers anything but GET", () => {
  const worker = text("sw.js");
  for (const file of ["index.html", ...assets]) expect(worker).toContain(file);
  expect(worker).toContain('method !== "GET"');
});
