// A customer's page: contacts, totals, purchases, history. It is live while the feed is followed.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useEffect, useState } from "preact/hooks";
import { type Item, isActive } from "../core/machine";
import { type Cash, fromWire, showCash } from "../core/money";
import { cashOf } from "../core/sales";
import type { CustomerTotals } from "../gen/clientela/v1/customers_pb";
import type { Purchase } from "../gen/clientela/v1/purchases_pb";
import { useApp, useRead, useWords } from "./hooks";
import { Icon } from "./icons";
import { history, Later, standing } from "./later";
import { OutboxItem } from "./outbox_item";
import { Chip, Choice, Freshness, Money, Screen } from "./parts";
import { type Known, knownCustomer, unseen } from "./reads";

const SHOWN = 100;

export function CustomerPage({ id }: { id: string }) {
  const app = useApp();
  const words = useWords();
  const name = `customers/${id}`;
  const [tab, setTab] = useState<"purchases" | "history">("purchases");
  const known = useRead(() => knownCustomer(app, name), ["copy", "outbox"], [name]);
  useFresh(name);
  if (known === undefined) return <Screen title=" " back="customers" children={null} />;
  if (known === null) {
    return (
      <Screen title={words("customers_title")} back="customers">
        <Gone />
      </Screen>
    );
  }
  const edit = (
    <a class="bar-button" href={`#/customers/${id}/edit`} aria-label={words("customer_edit")}>
      <Icon name="pen" />
    </a>
  );
  const sell = (
    <a class="button" href={`#/sale/${id}`}>
      {words("customer_sell")}
    </a>
  );
  if (known.pending && known.refused.some((item) => item.kind === "customer")) {
    return (
      <Screen title={known.profile.displayName} back="customers">
        <Refused known={known} />
        <Who known={known} />
      </Screen>
    );
  }
  const tabs = { purchases: words("customer_purchases"), history: words("customer_history") };
  return (
    <Screen title={known.profile.displayName} back="customers" beside={edit} foot={sell}>
      <Refused known={known} />
      {!known.pending && <Standing name={name} />}
      <Who known={known} />
      <Totals known={known} />
      <Choice label={words("customer_purchases")} options={tabs} value={tab} onChange={setTab} />
      {tab === "purchases" ? <Purchases known={known} /> : <Past name={name} />}
    </Screen>
  );
}

function Gone() {
  const app = useApp();
  const words = useWords();
  const cursor = useRead(() => app.copy.cursor(), ["copy"], []);
  if (cursor === undefined) return null;
  return <p class="empty">{words(cursor ? "customer_gone" : "customers_reading")}</p>;
}

/** What was refused of all that was done here, the reason, and what can be done about it. */
function Refused({ known }: { known: Known }) {
  return (
    <ul class="list">
      {known.refused.map((item) => (
        <li key={item.seq}>
          <OutboxItem item={item} />
        </li>
      ))}
    </ul>
  );
}

/** Its place is there from the beginning, so that what is below does not move. */
function Standing({ name }: { name: string }) {
  const words = useWords();
  const place = (said: string) => <p class="row">{said}</p>;
  return (
    <section class="list">
      <Later load={standing} meanwhile={place("")} missing={place(words("page_later"))}>
        {(pages) => <pages.StandingLine name={name} />}
      </Later>
    </section>
  );
}

/** The history is asked of the server each time, so its page is of no use before it can be loaded. */
function Past({ name }: { name: string }) {
  const words = useWords();
  const missing = <p class="empty">{words("history_offline")}</p>;
  return (
    <Later load={history} meanwhile={null} missing={missing}>
      {(pages) => <pages.History name={name} />}
    </Later>
  );
}

/** Ask once for the customer as the server has it now: the copy may not hold the older purchases. */
function useFresh(name: string): void {
  const app = useApp();
  useEffect(() => {
    if (!navigator.onLine || !app.session.signedIn) return;
    const read = async () => {
      const [customer, purchases] = await Promise.all([app.api.customer(name), app.api.newest(name, SHOWN)]);
      if (!customer.customer.deleteTime) await app.copy.keep({ customers: [customer], purchases });
      app.bus.tell("copy");
    };
    app.way.first(read).catch(() => {});
  }, [name]);
}

function Who({ known }: { known: Known }) {
  const words = useWords();
  const { profile, items, pending } = known;
  const change = items.filter((item) => item.kind !== "purchase" && isActive(item)).pop();
  const legal = profile.legalName || [profile.givenName, profile.familyName].filter(Boolean).join(" ");
  const split = (text: string) => text.split(", ").filter(Boolean);
  if (!change && !pending && !legal && !profile.phones && !profile.emails && !profile.patron) return null;
  return (
    <section class="card" aria-label={words("customer_contacts")}>
      {legal && <p class="soft">{[legal, profile.taxId].filter(Boolean).join(" · ")}</p>}
      {change && <Chip item={change} />}
      {pending && !change && <small class="warn">{words("customer_pending")}</small>}
      <div class="contacts">
        {split(profile.phones).map((phone) => (
          <a key={phone} href={`tel:${phone}`}>
            <Icon name="phone" size={20} /> {phone}
          </a>
        ))}
        {split(profile.emails).map((email) => (
          <a key={email} href={`mailto:${email}`}>
            <Icon name="mail" size={20} /> {email}
          </a>
        ))}
      </div>
      {profile.patron && <small>{words("customer_patron", { name: profile.patron })}</small>}
    </section>
  );
}

function Totals({ known }: { known: Known }) {
  const words = useWords();
  const waiting = known.items.filter((item) => item.kind === "purchase" && isActive(item));
  return (
    <section class="totals" aria-label={words("customer_totals")}>
      {known.customer.totals.map((totals) => (
        <OneTotal key={totals.currencyCode} totals={totals} waiting={waiting} />
      ))}
      {!known.customer.totals.length && <Nothing waiting={waiting} />}
    </section>
  );
}

function Nothing({ waiting }: { waiting: readonly Item[] }) {
  const words = useWords();
  return (
    <div class="card total">
      <p class="apart">
        <small>{words("bought_nothing")}</small>
        <Freshness />
      </p>
      <Waiting waiting={waiting} currency="" />
    </div>
  );
}

function OneTotal({ totals, waiting }: { totals: CustomerTotals; waiting: readonly Item[] }) {
  const words = useWords();
  const { firstPurchaseTime, lastPurchaseTime, amount } = totals;
  const first = firstPurchaseTime && words.day(timestampMs(firstPurchaseTime));
  const last = lastPurchaseTime && words.day(timestampMs(lastPurchaseTime));
  return (
    <div class="card total">
      <p class="apart">
        <small>{words.count("bought", Number(totals.purchaseCount))}</small>
        <Freshness />
      </p>
      <strong>{amount && <Money cash={fromWire(amount)} />}</strong>
      {first && last && <small>{first === last ? first : words("customer_since", { first, last })}</small>}
      <Waiting waiting={waiting} currency={totals.currencyCode} />
    </div>
  );
}

function Waiting({ waiting, currency }: { waiting: readonly Item[]; currency: string }) {
  const words = useWords();
  const amounts = waiting
    .map(cashOf)
    .filter((cash): cash is Cash => cash !== null && (!currency || cash.currency === currency));
  const [first] = amounts;
  if (!first) return null;
  const nanos = amounts
    .filter((cash) => cash.currency === first.currency)
    .reduce((sum, cash) => sum + cash.nanos, 0n);
  return (
    <small class="warn">
      {words("customer_waiting", { amount: showCash({ currency: first.currency, nanos }, words.language) })}
    </small>
  );
}

function Purchases({ known }: { known: Known }) {
  const app = useApp();
  const words = useWords();
  const { name, totals } = known.customer;
  const read = useRead(
    async () => ({ purchases: await app.copy.purchases(name, SHOWN), cursor: await app.copy.cursor() }),
    ["copy"],
    [name],
  );
  if (!read) return null;
  const { purchases, cursor } = read;
  const waiting = unseen(known.items, purchases, BigInt(cursor?.revision ?? 0));
  const counted = totals.reduce((sum, each) => sum + Number(each.purchaseCount), 0);
  return (
    <>
      <ul class="list">
        {waiting.map((item) => (
          <li key={item.requestId} class="row">
            <span class="row-text">
              <strong>{cashOf(item) && <Money cash={cashOf(item) as Cash} />}</strong>
              <small>{words.moment(item.tappedAt)}</small>
            </span>
            <a href="#/outbox">
              <Chip item={item} />
            </a>
          </li>
        ))}
        {purchases.map((purchase) => (
          <li key={purchase.name}>
            <Entry purchase={purchase} />
          </li>
        ))}
      </ul>
      {!purchases.length && !waiting.length && <p class="empty">{words("bought_nothing")}</p>}
      {counted > purchases.length && <p class="empty">{words("customer_older")}</p>}
    </>
  );
}

function Entry({ purchase }: { purchase: Purchase }) {
  const words = useWords();
  const what = purchase.lines.map((line) => line.description).filter(Boolean);
  const back = purchase.refundedAmount && showCash(fromWire(purchase.refundedAmount), words.language);
  const about = [what.join(", ") || purchase.note, back && words("refunded", { amount: back })].filter(
    Boolean,
  );
  return (
    <div class="row">
      <span class="row-text">
        <strong>{about.join(" · ") || (purchase.refundOf ? words("refund") : words("kind_purchase"))}</strong>
        <small>{purchase.purchaseTime && words.moment(timestampMs(purchase.purchaseTime))}</small>
      </span>
      <span class={purchase.refundOf ? "money-back" : ""}>
        {purchase.refundOf && "−"}
        {purchase.amount && <Money cash={fromWire(purchase.amount)} />}
      </span>
    </div>
  );
}
