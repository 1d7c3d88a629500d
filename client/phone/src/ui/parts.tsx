// The small parts of which screens are made.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Attention, Item, State } from "../core/machine";
import { type Cash, showCash } from "../core/money";
import type { Key } from "../texts";
import { useHeight } from "./height";
import { useApp, useOnline, useRead, useTicks, useTopic, useWords } from "./hooks";
import { Icon } from "./icons";
import { goesBack, restoreTop } from "./place";

/** A screen: its title, what stands beside it, and where "back" leads. */
export function Screen(props: {
  title: string;
  back?: string;
  beside?: ComponentChildren;
  foot?: ComponentChildren;
  children: ComponentChildren;
}) {
  const words = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  const bar = useHeight<HTMLElement>("--bar");
  useEffect(() => {
    document.title = `${props.title} · ${words("app")}`;
    const settled = restoreTop();
    // Who listens to the screen is told where he is; a field that took the focus keeps it.
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
    return settled;
  }, [props.title]);
  const { back = "" } = props;
  return (
    <>
      <header class="bar" ref={bar}>
        {props.back === undefined ? (
          <span class="bar-gap" />
        ) : (
          <a
            class="bar-button"
            href={`#/${back}`}
            aria-label={words("back")}
            onClick={(event) => goesBack(back) && event.preventDefault()}
          >
            <Icon name="back" />
          </a>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {props.title}
        </h1>
        {props.beside}
      </header>
      <main id="content">{props.children}</main>
      {props.foot && <Foot>{props.foot}</Foot>}
    </>
  );
}

function Foot({ children }: { children: ComponentChildren }) {
  return (
    <div class="foot" ref={useHeight<HTMLDivElement>("--foot")}>
      {children}
    </div>
  );
}

export const STATE_KEYS: Readonly<Record<State, Key>> = {
  queued: "state_queued",
  sending: "state_sending",
  doubt: "state_doubt",
  accepted: "state_accepted",
  refused: "state_refused",
};

/** What state a write is in: always an icon, a colour and a word. */
export function Chip({ item }: { item: Item }) {
  const words = useWords();
  const number = item.state === "accepted" && item.revision ? ` · ${item.revision}` : "";
  const tone = item.attention === "restored" ? "refused" : item.state;
  return (
    <span class={`chip chip-${tone}`} data-state={item.state} data-attention={item.attention ?? ""}>
      <Icon name={tone} size={16} />
      {words(STATE_KEYS[item.state])}
      {number}
    </span>
  );
}

const ATTENTION_KEYS: Readonly<Record<Exclude<Attention, "refused">, Key>> = {
  unclear: "means_unclear",
  restored: "means_restored",
};

/** What a state means, in a sentence. */
export function useMeaning(item: Item): string {
  const words = useWords();
  if (item.attention === "refused") return item.refusal?.message ?? "";
  if (item.attention) return words(ATTENTION_KEYS[item.attention]);
  if (item.state === "accepted") {
    return item.revision
      ? words("means_accepted", { revision: item.revision })
      : words("means_accepted_unnumbered");
  }
  return words(`means_${item.state === "refused" ? "queued" : item.state}` as Key);
}

/** How old what is shown is: live, or as of when. */
export function Freshness() {
  const app = useApp();
  const words = useWords();
  useTopic("session");
  useTicks(10_000);
  const online = useOnline();
  const cursor = useRead(() => app.copy.cursor(), ["copy"], []);
  if (app.live && online) return <span class="fresh fresh-live">{words("live")}</span>;
  if (app.behind && online) {
    const n = new Intl.NumberFormat(words.language).format(app.behind);
    return <span class="fresh fresh-behind">{words("catching_up", { n })}</span>;
  }
  if (cursor === undefined) return <span class="fresh" />;
  const age = cursor ? words("as_of", { age: words.ago(cursor.syncedAt) }) : words("never_synced");
  return <span class="fresh">{age}</span>;
}

/** What stands above every screen when something is not as it should be. */
export function Banner() {
  const app = useApp();
  const words = useWords();
  useTopic("session");
  const online = useOnline();
  const top = useHeight<HTMLDivElement>("--top");
  if (app.session.refused) {
    return (
      <div ref={top} class="banner banner-bad" role="alert">
        <span>{words("banner_token")}</span>
        <a href="#/signin">{words("banner_signin")}</a>
      </div>
    );
  }
  return (
    <div ref={top} role="status" class={online ? "banner banner-none" : "banner"}>
      {online ? "" : words("banner_offline")}
    </div>
  );
}

export function Money({ cash }: { cash: Cash }) {
  const words = useWords();
  return <span class="money">{showCash(cash, words.language)}</span>;
}

/** The first letters of a name, as a face. */
export function Face({ name }: { name: string }) {
  const letters = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? "")
    .join("");
  const hue = [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 5, 0);
  return (
    <span class={`face face-${hue}`} aria-hidden="true">
      {letters.toUpperCase()}
    </span>
  );
}

/** One of a few, as a row of buttons. */
export function Choice<T extends string>(props: {
  label: string;
  options: Readonly<Record<T, string>>;
  value: T;
  onChange: (value: T) => void;
}) {
  return (
    <fieldset class="choice">
      <legend>{props.label}</legend>
      <div class="choice-row">
        {(Object.keys(props.options) as T[]).map((option) => (
          <label key={option} class={option === props.value ? "on" : ""}>
            <input
              type="radio"
              name={props.label}
              checked={option === props.value}
              onChange={() => props.onChange(option)}
            />
            {props.options[option]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Field(props: {
  label: string;
  value: string;
  onInput: (value: string) => void;
  fault?: string | undefined;
  hint?: string | undefined;
  secret?: boolean;
  inputMode?: "decimal" | "email" | "tel" | "text";
  autoComplete?: string;
}) {
  const id = `field-${props.label.replace(/\W+/g, "-")}`;
  const said = props.fault ?? props.hint;
  return (
    <div class={props.fault ? "field field-bad" : "field"}>
      <label for={id}>{props.label}</label>
      <input
        id={id}
        {...(props.secret ? { type: "password" as const } : {})}
        inputMode={props.inputMode ?? "text"}
        autoComplete={props.autoComplete ?? "off"}
        value={props.value}
        aria-invalid={props.fault ? "true" : "false"}
        aria-describedby={said ? `${id}-said` : undefined}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      {said && (
        <p class="said" id={`${id}-said`}>
          {said}
        </p>
      )}
    </div>
  );
}

/** To the first field that is wrong. */
export function focusFault(): void {
  document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
