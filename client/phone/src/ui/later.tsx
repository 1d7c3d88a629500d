// Screens that are loaded when they are first looked at; from then on they are on the phone, as all else is.
// The first opening does not pay for them (docs/phone.md, how it is built).
import type { ComponentChild } from "preact";
import type { Language } from "../texts";
import { useOnline, useRead, useWords } from "./hooks";
import { Screen } from "./parts";

/** Loads some pages, and what they say in a language. */
type Loader<Pages> = (language: Language) => Promise<Pages>;

export const insight = async (language: Language) => {
  const pages = await import("./insight");
  await pages.loadInsight(language);
  return pages;
};
export const conflict = () => import("./conflict");
export const settings = () => import("./settings");

/** What is loaded already, by its loader: it is drawn at once. */
const there = new Map<unknown, { pages: unknown; language: Language }>();

/** `meanwhile` has the place until they are there; where they can't be had, `missing` does. */
export function Later<Pages>(props: {
  load: Loader<Pages>;
  meanwhile: ComponentChild;
  missing: ComponentChild;
  children: (pages: Pages) => ComponentChild;
}) {
  const { language } = useWords();
  const online = useOnline();
  const { load } = props;
  const read = async () => {
    there.set(load, { pages: await load(language), language });
    return true;
  };
  const isThere = useRead(() => read().catch(() => false), [], [language, online]);
  const loaded = there.get(load);
  if (loaded?.language === language) return <>{props.children(loaded.pages as Pages)}</>;
  return <>{isThere === false ? props.missing : props.meanwhile}</>;
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
