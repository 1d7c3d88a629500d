// What screens show, put together from the copy and from what this phone is yet to send.
import type { App } from "../app";
import { type Item, isActive } from "../core/machine";
import { edited, type Profile, profileOf, wanted } from "../core/profiles";
import { wordsOf } from "../core/search";
import type { Customer } from "../gen/clientela/v1/customers_pb";
import type { Purchase } from "../gen/clientela/v1/purchases_pb";
import type { CustomerRow } from "../store/database";

const BY_NAME = new Intl.Collator();

/** A customer as this phone knows it: as the server has it, and as it will be with what is on its way. */
export interface Known {
  readonly customer: Customer;
  readonly profile: Profile;
  /** Whether the server has not confirmed it yet. */
  readonly pending: boolean;
  readonly items: readonly Item[];
  /** Those that need somebody. */
  readonly refused: readonly Item[];
}

export async function knownCustomer(app: App, name: string): Promise<Known | null> {
  const [copied, items] = await Promise.all([app.copy.customer(name), app.outbox.of(name)]);
  const made = items.find((item) => item.kind === "customer");
  const customer = copied?.customer ?? (made && wanted(made)?.customer);
  if (!customer) return null;
  const edits = items.filter((item) => item.kind === "edit" && isActive(item));
  const refused = items.filter((item) => item.attention !== null);
  return { customer, profile: edits.reduce(edited, profileOf(customer)), pending: !copied, items, refused };
}

/** Of those who are not on the server: whether they will be by themselves, or somebody has to see to it. */
export type Absent = ReadonlyMap<string, "pending" | "refused">;

/** Everybody, those not on the server first. */
export async function everybody(app: App): Promise<{ rows: CustomerRow[]; absent: Absent }> {
  const [rows, items] = await Promise.all([app.copy.customers(), app.outbox.all()]);
  const there = new Set(rows.map((row) => row.name));
  const made = items.filter((item) => item.kind === "customer" && !there.has(item.about));
  const added = made.map((item) => {
    const words = wordsOf([item.title]);
    return { name: item.about, displayName: item.title, words, record: new Uint8Array(), asOf: "0" };
  });
  rows.sort((a, b) => BY_NAME.compare(a.displayName, b.displayName));
  const absent = new Map(
    made.map((item) => [item.about, item.attention ? ("refused" as const) : ("pending" as const)]),
  );
  return { rows: [...added.reverse(), ...rows], absent };
}

/** The sales of this phone that the copy, which has come to `revision`, cannot show yet. */
export function unseen(items: readonly Item[], purchases: readonly Purchase[], revision: bigint): Item[] {
  const there = new Set(purchases.map((purchase) => purchase.name));
  const isNew = (item: Item) => item.state !== "accepted" || BigInt(item.revision ?? revision) > revision;
  const sales = items.filter((item) => item.kind === "purchase" && item.state !== "refused");
  return sales.filter((item) => !there.has(item.about) && (isNew(item) || item.attention !== null)).reverse();
}

/** The articles that were sold most lately and often, with their last price. */
export function usualArticles(
  purchases: readonly Purchase[],
  most: number,
): { description: string; price: Purchase["amount"] }[] {
  const found = new Map<string, { times: number; price: Purchase["amount"] }>();
  for (const line of purchases.flatMap((purchase) => (purchase.refundOf ? [] : purchase.lines))) {
    if (!line.description || !line.unitPrice) continue;
    const known = found.get(line.description);
    found.set(line.description, { times: (known?.times ?? 0) + 1, price: known?.price ?? line.unitPrice });
  }
  const ranked = [...found].sort(([, a], [, b]) => b.times - a.times);
  return ranked.slice(0, most).map(([description, { price }]) => ({ description, price }));
}

export const idOf = (name: string): string => name.split("/")[1] ?? "";
