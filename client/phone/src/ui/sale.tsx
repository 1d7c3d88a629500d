// Recording a sale in few taps. What is typed is kept as a draft, whose ids make a second tap the same sale.
import { useEffect, useRef, useState } from "preact/hooks";
import type { App } from "../app";
import { newRequestId } from "../core/ids";
import { fromWire, parseCash, plainCash, showCash } from "../core/money";
import { amountOf, type Fault, faultsOf, isEmptyLine, NO_LINE, saleOf, sumOfLines } from "../core/sales";
import type { Money } from "../gen/google/type/money_pb";
import * as prefs from "../prefs";
import type { Draft, DraftLine } from "../store/database";
import { CustomerList } from "./customers";
import { fromHere, useApp, useRead, useSure, useWords } from "./hooks";
import { Icon } from "./icons";
import { Face, Field, focusFault, Screen } from "./parts";
import { idOf, knownCustomer, usualArticles } from "./reads";
import { SaleLine, saleFault, stepped } from "./sale_line";

const CURRENCIES = ["EUR", "PLN", "USD", "GBP", "SEK", "CZK", "UAH", "CHF"];

/** Who is buying? `moves`: what is typed already, for somebody else. */
export function SaleStart({ moves = false }: { moves?: boolean }) {
  const words = useWords();
  return (
    <Screen title={words("sale_who")}>
      {!moves && <HalfTyped />}
      <CustomerList hrefOf={(name) => `#/sale/${idOf(name)}${moves ? "/moves" : ""}`} />
    </Screen>
  );
}

/** Sales that were begun, the latest first. */
function HalfTyped() {
  const app = useApp();
  const words = useWords();
  const read = async () => {
    const drafts = [...(await app.drafts.all())].reverse();
    const known = await Promise.all(drafts.map((draft) => knownCustomer(app, draft.customer)));
    return drafts.map((draft, at) => ({
      draft,
      name: known[at]?.profile.displayName ?? idOf(draft.customer),
    }));
  };
  const begun = useRead(read, ["outbox"], []);
  if (!begun?.length) return null;
  return (
    <section>
      <h2 class="group-head">{words("sale_begun")}</h2>
      <ul class="list begun">
        {begun.map(({ draft, name }) => (
          <li key={draft.requestId} class="row">
            <a class="row-text" href={`#/sale/${idOf(draft.customer)}/${draft.requestId}`}>
              <strong>{name}</strong>
              <small>
                {draft.lines.map((line) => line.description).join(", ") || draft.note || draft.total}
              </small>
            </a>
            <Drop draft={draft} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Drop({ draft }: { draft: Draft }) {
  const app = useApp();
  const words = useWords();
  const [sure, drop] = useSure(() => void app.drop(draft));
  return (
    <button type="button" class={sure ? "small small-bad" : "small small-quiet"} onClick={drop}>
      {words(sure ? "do_discard_sure" : "do_discard")}
    </button>
  );
}

/** `which`: a request id, "moves" for the latest of anybody, or the customer's own latest. */
async function draftFor(app: App, customer: string, which: string): Promise<Draft> {
  const drafts = await app.drafts.all();
  const own = drafts.findLast((draft) => draft.customer === customer);
  const wanted = drafts.find((draft) => draft.requestId === which);
  const kept = wanted ?? (which === "moves" ? drafts.at(-1) : own);
  if (kept) return { ...kept, customer };
  const currency = prefs.currency();
  return { requestId: newRequestId(), customer, currency, lines: [NO_LINE], total: "", note: "" };
}

export function Sale({ id, which }: { id: string; which: string }) {
  const app = useApp();
  const words = useWords();
  const name = `customers/${id}`;
  const [draft, setDraft] = useState<Draft | null>(null);
  const latest = useRef<Draft | null>(null);
  const known = useRead(() => knownCustomer(app, name), [], [name]);
  useEffect(() => {
    void draftFor(app, name, which).then((found) => {
      latest.current = found;
      setDraft(found);
    });
  }, [name]);
  if (!draft || known === undefined)
    return <Screen title={words("sale_title")} back="sale" children={null} />;
  // Two keystrokes may come before the first is drawn.
  const change = (part: Partial<Draft>) => {
    const next = { ...(latest.current ?? draft), ...part };
    latest.current = next;
    setDraft(next);
    void app.drafts.keep(next);
  };
  return <Form draft={draft} title={known?.profile.displayName ?? id} change={change} />;
}

function Form({
  draft,
  title,
  change,
}: {
  draft: Draft;
  title: string;
  change: (part: Partial<Draft>) => void;
}) {
  const app = useApp();
  const words = useWords();
  const [tried, setTried] = useState(false);
  const done = useRef(false);
  const faults = tried ? faultsOf(draft) : [];
  const amount = amountOf(draft);
  const record = async () => {
    if (faultsOf(draft).length) {
      setTried(true);
      requestAnimationFrame(focusFault);
      return;
    }
    // The second of two taps finds the first at work, or the same ids on disk.
    if (done.current) return;
    done.current = true;
    prefs.setCurrency(draft.currency);
    const goOn = fromHere();
    await app.tap(saleOf(draft, title, Date.now()), true);
    goOn(`/receipt/${draft.requestId}`);
  };
  const foot = (
    <button type="button" class="button" onClick={record}>
      {words("sale_record", { amount: amount ? showCash(amount, words.language) : "" })}
    </button>
  );
  return (
    <Screen title={words("sale_title")} back={`customers/${idOf(draft.customer)}`} foot={foot}>
      <Buyer title={title} draft={draft} change={change} />
      <Usual draft={draft} change={change} />
      <Lines draft={draft} change={change} faults={faults} />
      <Total draft={draft} change={change} faults={faults.filter(({ line }) => line < 0)} />
    </Screen>
  );
}

interface Part {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

function Buyer({ title, draft, change }: Part & { title: string }) {
  const words = useWords();
  return (
    <section class="card buyer">
      <Face name={title} />
      <strong class="grow">{title}</strong>
      <a href="#/buyer">{words("sale_change")}</a>
      <select
        aria-label={words("sale_currency")}
        value={draft.currency}
        onChange={(event) => change({ currency: event.currentTarget.value })}
      >
        {[...new Set([draft.currency, ...CURRENCIES])].map((currency) => (
          <option key={currency}>{currency}</option>
        ))}
      </select>
    </section>
  );
}

/** What is sold often, at a tap. */
function Usual({ draft, change }: Part) {
  const app = useApp();
  const words = useWords();
  const articles = useRead(async () => usualArticles(await app.copy.newest(200), 8), [], []);
  // A price finer than a coin, as others may have recorded it, can't be typed here either.
  const fits = (price: Money) => parseCash(plainCash(fromWire(price)), draft.currency) !== null;
  const fitting =
    articles?.filter(({ price }) => price?.currencyCode === draft.currency && fits(price)) ?? [];
  if (!fitting.length) return null;
  const put = (line: DraftLine) => change({ lines: withLine(draft.lines, line) });
  return (
    <section class="usual" aria-label={words("sale_usual")}>
      {fitting.map(({ description, price }) => (
        <button
          key={description}
          type="button"
          onClick={() => put({ description, quantity: "1", price: price ? plainCash(fromWire(price)) : "" })}
        >
          {description} <small>{price && showCash(fromWire(price), words.language)}</small>
        </button>
      ))}
    </section>
  );
}

/** One more of an article that is there already, or a line of its own in place of an empty one. */
function withLine(lines: readonly DraftLine[], line: DraftLine): DraftLine[] {
  const same = lines.findIndex((each) => each.description === line.description && each.price === line.price);
  if (same < 0) return [...lines.filter((each) => !isEmptyLine(each)), line];
  return lines.map((each, at) => (at === same ? { ...each, quantity: stepped(each.quantity, 1) } : each));
}

function Lines({ draft, change, faults }: Part & { faults: readonly Fault[] }) {
  const words = useWords();
  const set = (at: number, part: Partial<DraftLine>) =>
    change({ lines: draft.lines.map((line, place) => (place === at ? { ...line, ...part } : line)) });
  return (
    <section>
      {draft.lines.map((line, at) => (
        <SaleLine
          key={at}
          line={line}
          number={at + 1}
          currency={draft.currency}
          faults={faults.filter((fault) => fault.line === at)}
          change={(part) => set(at, part)}
          remove={
            draft.lines.length > 1
              ? () => change({ lines: draft.lines.filter((_, place) => place !== at) })
              : null
          }
        />
      ))}
      <button type="button" class="quiet" onClick={() => change({ lines: [...draft.lines, NO_LINE] })}>
        <Icon name="plus" size={20} /> {words("sale_add")}
      </button>
    </section>
  );
}

function Total({ draft, change, faults }: Part & { faults: readonly Fault[] }) {
  const words = useWords();
  const toldOf = (field: Fault["field"]) =>
    faults
      .filter((fault) => fault.field === field)
      .map((fault) => saleFault(words, fault, draft.currency))[0];
  const sum = sumOfLines(draft);
  const amount = amountOf(draft);
  const differs = draft.total.trim() && amount && sum.nanos > 0n && amount.nanos !== sum.nanos;
  const hint = differs ? words("sale_differs", { sum: showCash(sum, words.language) }) : undefined;
  return (
    <section class="card">
      <p class="sum" aria-live="polite">
        {words("sale_total")} <strong>{amount ? showCash(amount, words.language) : "—"}</strong>
      </p>
      <Field
        label={words("sale_agreed")}
        inputMode="decimal"
        value={draft.total}
        hint={hint}
        fault={toldOf("total")}
        onInput={(total) => change({ total })}
      />
      <Field
        label={words("sale_note")}
        value={draft.note}
        fault={toldOf("text")}
        onInput={(note) => change({ note })}
      />
    </section>
  );
}
