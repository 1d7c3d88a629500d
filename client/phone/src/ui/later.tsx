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

/** `meanwhile` has the place until they are there; where they can't be had, `missing` does. */
export function Later<Pages>(props: {
  load: Loader<Pages>;
  meanwhile: ComponentChild;
  missing: ComponentChild;
  children: (pages: Pages) => ComponentChild;
}) {
  const { language } = useWords();
  const online = useOnline();
  const read = async () => ({ pages: await props.load(language), language });
  const loaded = useRead(() => read().catch(() => null), [], [language, online]);
  if (loaded === null) return <>{props.missing}</>;
  return <>{loaded?.language === language ? props.children(loaded.pages) : props.meanwhile}</>;
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
    <Later load={props.load} meanwhile={<Screen title=" " children={null} />} missing={missing}>
      {props.children}
    </Later>
  );
}
