// Finding a customer as one types, from the phone's own copy: no network is asked.
import { fromBinary } from "@bufbuild/protobuf";
import { useState } from "preact/hooks";
import { fromWire } from "../core/money";
import { matches } from "../core/search";
import { CustomerSchema } from "../gen/clientela/v1/customers_pb";
import type { CustomerRow } from "../store/database";
import { useApp, useRead, useWords } from "./hooks";
import { Icon } from "./icons";
import { Face, Freshness, Money, Screen } from "./parts";
import { recall, remember } from "./place";
import { everybody, idOf } from "./reads";

const SHOWN = 50;

export function Customers() {
  const words = useWords();
  const beside = (
    <>
      <a class="quiet" href="#/segments">
        {words("segments_title")}
      </a>
      <a class="bar-button" href="#/new" aria-label={words("customers_new")}>
        <Icon name="plus" />
      </a>
    </>
  );
  return (
    <Screen title={words("customers_title")} beside={beside}>
      <CustomerList hrefOf={(name) => `#/customers/${idOf(name)}`} />
    </Screen>
  );
}

export function CustomerList({ hrefOf }: { hrefOf: (name: string) => string }) {
  const app = useApp();
  const words = useWords();
  const [typed, setTyped] = useState(() => (recall("typed") as string | undefined) ?? "");
  const find = (text: string) => {
    setTyped(text);
    remember({ typed: text });
  };
  const known = useRead(
    async () => ({ ...(await everybody(app)), cursor: await app.copy.cursor() }),
    ["copy", "outbox"],
    [],
  );
  const found = known?.rows.filter((row) => matches(row.words, typed)) ?? [];
  const none = known?.cursor
    ? words(known.rows.length ? "customers_none" : "customers_empty")
    : words("customers_reading");
  return (
    <>
      <search class="find">
        <Icon name="find" size={20} />
        <input
          type="search"
          value={typed}
          placeholder={words("customers_find")}
          aria-label={words("customers_find")}
          autoComplete="off"
          enterKeyHint="search"
          onInput={(event) => find(event.currentTarget.value)}
        />
        <Freshness />
      </search>
      <ul class="list">
        {found.slice(0, SHOWN).map((row) => (
          <li key={row.name}>
            <CustomerRowLink row={row} absent={known?.absent.get(row.name)} href={hrefOf(row.name)} />
          </li>
        ))}
      </ul>
      {known && !found.length && <p class="empty">{none}</p>}
      {found.length > SHOWN && <p class="empty">{words.count("customers_more", found.length - SHOWN)}</p>}
    </>
  );
}

export function CustomerRowLink({
  row,
  absent,
  href,
}: {
  row: CustomerRow;
  absent?: "pending" | "refused" | undefined;
  href: string;
}) {
  const words = useWords();
  return (
    <a class="row" href={href}>
      <Face name={row.displayName} />
      <span class="row-text">
        <strong>{row.displayName}</strong>
        {absent ? (
          <small class={absent === "refused" ? "bad" : "warn"}>
            {words(absent === "refused" ? "state_refused" : "customer_pending")}
          </small>
        ) : (
          <Bought row={row} />
        )}
      </span>
      <Icon name="next" size={18} />
    </a>
  );
}

function Bought({ row }: { row: CustomerRow }) {
  const words = useWords();
  const [totals] = fromBinary(CustomerSchema, row.record).totals;
  if (!totals?.amount) return <small>{words("bought_nothing")}</small>;
  return (
    <small>
      {words.count("bought", Number(totals.purchaseCount))} · <Money cash={fromWire(totals.amount)} />
    </small>
  );
}
