// What a first opening costs: the page, the script, the stylesheet, and one language. As built and committed.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

const BUILT = "../../server/clientela_server/web/phone";
const LIMIT = 60_000;

const packed = (file: string) => gzipSync(readFileSync(`${BUILT}/${file}`), { level: 9 }).length;

test("the shell is at most 60 kB packed, in any language", () => {
  const assets = readdirSync(`${BUILT}/assets`).map((name) => `assets/${name}`);
  const languages = assets.filter((name) => /\/(en|pl|ru|lt)-/.test(name));
  expect(languages.length).toBe(4);
  const always = ["index.html", ...assets.filter((name) => !languages.includes(name))];
  const shell = always.reduce((sum, file) => sum + packed(file), 0);
  expect(shell + Math.max(...languages.map(packed))).toBeLessThan(LIMIT);
});

test("nothing in the page is inline, so the strictest policy lets it run", () => {
  const page = readFileSync(`${BUILT}/index.html`, "utf8");
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son\w+=/);
});

test("the service worker keeps what the page needs, and never answers anything but GET", () => {
  const worker = readFileSync(`${BUILT}/sw.js`, "utf8");
  for (const file of ["index.html", ...readdirSync(`${BUILT}/assets`)]) expect(worker).toContain(file);
  expect(worker).toContain('method !== "GET"');
});
