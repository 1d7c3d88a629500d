// What every screen uses: the app, the words, the route, and values that follow the disk.
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { App } from "../app";
import type { Topic } from "../bus";
import { ago, day, moment } from "../core/ages";
import * as prefs from "../prefs";
import { type CountedKey, count, type Key, type Language, say } from "../texts";
import { replacePlace } from "./place";

interface Setting {
  readonly app: App;
  readonly language: Language;
}

export const Shared = createContext<Setting | null>(null);

export function useApp(): App {
  const setting = useContext(Shared);
  if (!setting) throw new Error("a screen outside the shell");
  return setting.app;
}

export interface Words {
  (key: Key, facts?: Readonly<Record<string, string>>): string;
  readonly language: Language;
  count(stem: CountedKey, n: number): string;
  ago(ms: number): string;
  moment(ms: number): string;
  day(ms: number): string;
}

export function useWords(): Words {
  const language = useContext(Shared)?.language ?? prefs.language();
  const words = (key: Key, facts?: Readonly<Record<string, string>>) => say(language, key, facts);
  return Object.assign(words, {
    language,
    count: (stem: CountedKey, n: number) => count(language, stem, n),
    ago: (ms: number) => ago(ms, Date.now(), language),
    moment: (ms: number) => moment(ms, Date.now(), language),
    day: (ms: number) => day(ms, Date.now(), language),
  });
}

/** A value read from the disk or the wire, read again when a topic tells of a change; what was there stays meanwhile. */
export function useRead<T>(
  read: () => Promise<T>,
  topics: readonly Topic[],
  inputs: readonly unknown[],
): T | undefined {
  const app = useApp();
  const [value, setValue] = useState<T>();
  useEffect(() => {
    let isWanted = true;
    let isReading = false;
    let ended = false;
    // One at a time, and each is shown: changes that come faster than they are read must not leave the screen empty.
    const load = async () => {
      if (isReading) return;
      isReading = true;
      while (isWanted && !ended) {
        isWanted = false;
        await app.way.first(read).then(
          (found) => !ended && setValue(() => found),
          () => {},
        );
      }
      isReading = false;
    };
    void load();
    const leave = app.bus.listen((topic) => {
      if (!topics.includes(topic)) return;
      isWanted = true;
      void load();
    });
    return () => {
      ended = true;
      leave();
    };
  }, inputs);
  return value;
}

/** Draws again when a topic tells of a change. */
export function useTopic(...topics: Topic[]): void {
  const app = useApp();
  const [, draw] = useState(0);
  useEffect(() => app.bus.listen((topic) => topics.includes(topic) && draw((n) => n + 1)), []);
}

/** Draws again now and then, for what tells an age. */
export function useTicks(everyMs: number): void {
  const [, draw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => draw((n) => n + 1), everyMs);
    return () => clearInterval(timer);
  }, []);
}

export function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return online;
}

/** Where the app is: the parts of the address behind "#/". */
export function useRoute(): string[] {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const look = () => setHash(location.hash);
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  return hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
}

export function go(to: string): void {
  location.hash = to;
}

/** For after some work: goes on from here, in this screen's place, unless somebody has gone elsewhere meanwhile. */
export function fromHere(): (to: string) => void {
  const here = location.hash;
  return (to) => {
    if (location.hash === here) replacePlace(to);
  };
}

/** A button that wants a second tap before it does what cannot be undone. */
export function useSure(action: () => void): [boolean, () => void] {
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    const timer = asked ? setTimeout(() => setAsked(false), 4000) : undefined;
    return () => clearTimeout(timer);
  }, [asked]);
  return [asked, () => (asked ? action() : setAsked(true))];
}
