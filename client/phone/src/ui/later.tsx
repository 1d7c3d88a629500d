// Screens that are loaded when they are first looked at; from then on they are on the phone, as all else is.
// The first opening does not pay for them (docs/phone.md, how it is built).
import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { pauseMs, rest } from "../core/backoff";
import type { Language } from "../texts";
import { useWords } from "./hooks";
import { Screen } from "./parts";

/** Loads some pages, and what they say in a language. */
type Loader<Pages> = (language: Language) => Promise<Pages>;

export const standing = async (language: Language) => {
  const pages = await import("./standing");
  await pages.loadStanding(language);
  return pages;
};
/** Signing in, and the forms of customers. */
export const forms = () => import("./forms");
export const history = () => import("./history");
export const settings = () => import("./settings");

/** What is loaded already, by its loader: it is drawn at once. */
const there = new Map<unknown, { pages: unknown; language: Language }>();

/** Whether a newer version of the app has taken over: then the old one's pages are to be had nowhere. */
let outdated = false;
navigator.serviceWorker?.addEventListener("controllerchange", () => {
  outdated = true;
});

/** `meanwhile` has the place until they are there; while they can't be had, `missing` does. */
export function Later<Pages>(props: {
  load: Loader<Pages>;
  meanwhile: ComponentChild;
  missing: ComponentChild;
  children: (pages: Pages) => ComponentChild;
}) {
  const { language } = useWords();
  const [{ failures }, setTries] = useState({ failures: 0 });
  const { load } = props;
  const loaded = there.get(load);
  const isThere = loaded?.language === language;
  useEffect(() => {
    if (isThere) return;
    const stop = new AbortController();
    const read = async () => {
      if (failures) await rest(pauseMs(failures, Math.random), stop.signal);
      if (!stop.signal.aborted) there.set(load, { pages: await load(language), language });
    };
    read().then(
      () => setTries({ failures: 0 }),
      () => (outdated ? location.reload() : setTries({ failures: failures + 1 })),
    );
    return () => stop.abort();
  }, [language, failures]);
  if (isThere) return <>{props.children(loaded.pages as Pages)}</>;
  return <>{failures ? props.missing : props.meanwhile}</>;
}

/** A whole screen of them. */
export function LaterScreen<Pages>(props: {
  load: Loader<Pages>;
  children: (pages: Pages) => ComponentChild;
}) {
  const words = useWords();
  const missing = (
    <Screen title={words("app")}>
      <p class="empty">{words("page_later")}</p>
    </Screen>
  );
  return (
    <Later load={props.load} meanwhile={null} missing={missing}>
      {props.children}
    </Later>
  );
}
