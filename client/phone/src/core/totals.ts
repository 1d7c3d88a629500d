// Keeping a copy of a customer's totals right from the feed, without asking: each entry of the ledger counts once.
// The server's own rule (domain/totals.py): purchases are counted and added, refunds only taken off. Pure.
import { clone, create } from "@bufbuild/protobuf";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Customer,
  CustomerSchema,
  type CustomerTotals,
  CustomerTotalsSchema,
} from "../gen/clientela/v1/customers_pb";
import type { Purchase } from "../gen/clientela/v1/purchases_pb";
import { MoneySchema } from "../gen/google/type/money_pb";
import { fromWire, toWire } from "./money";

/** The customer with one more entry of the ledger in its totals. */
export function withEntry(customer: Customer, entry: Purchase): Customer {
  if (!entry.amount) return customer;
  const after = clone(CustomerSchema, customer);
  const totals = totalsIn(after, entry.amount.currencyCode);
  const before = totals.amount ? fromWire(totals.amount).nanos : 0n;
  const size = fromWire(entry.amount).nanos;
  const nanos = entry.refundOf ? before - size : before + size;
  totals.amount = create(MoneySchema, toWire({ currency: entry.amount.currencyCode, nanos }));
  if (!entry.refundOf) countIn(totals, entry.purchaseTime);
  return after;
}

function totalsIn(customer: Customer, currency: string): CustomerTotals {
  const known = customer.totals.find((totals) => totals.currencyCode === currency);
  if (known) return known;
  const added = create(CustomerTotalsSchema, { currencyCode: currency });
  customer.totals.push(added);
  customer.totals.sort((a, b) => (a.currencyCode < b.currencyCode ? -1 : 1));
  return added;
}

function countIn(totals: CustomerTotals, time: Timestamp | undefined): void {
  totals.purchaseCount += 1n;
  if (!time) return;
  if (isBefore(time, totals.firstPurchaseTime)) totals.firstPurchaseTime = time;
  if (!totals.lastPurchaseTime || !isBefore(time, totals.lastPurchaseTime)) totals.lastPurchaseTime = time;
}

function isBefore(time: Timestamp, other: Timestamp | undefined): boolean {
  return !other || timestampMs(time) < timestampMs(other);
}
