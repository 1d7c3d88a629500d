// From what a clerk typed to a sale that can be kept: the request, encoded, and its ids. Pure.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Purchase,
  type PurchaseLine,
  PurchaseLineSchema,
  PurchaseSchema,
  PurchaseSource,
  RecordPurchaseRequestSchema,
} from "../gen/clientela/v1/purchases_pb";
import { SALE_RULES } from "../gen/rules";
import type { Draft, DraftLine } from "../store/database";
import { idFrom } from "./ids";
import type { Item, NewItem } from "./machine";
import {
  type Cash,
  fromWire,
  isCountable,
  isTooFine,
  lineTotal,
  parseCash,
  parseQuantity,
  plainCash,
  sum,
  toWire,
} from "./money";
import { broken } from "./rules";

/** What is wrong with a draft: a line's field by its place, or the whole of it. */
export interface Fault {
  readonly line: number;
  readonly field: "price" | "quantity" | "total" | "text";
  /** What kind, where it is not that nothing can be read there. */
  readonly kind?: "fine" | "long" | "many";
}

export const NO_LINE: DraftLine = { description: "", quantity: "1", price: "" };

export function isEmptyLine(line: DraftLine): boolean {
  return !line.description.trim() && !line.price.trim();
}

/** What the lines add up to; lines that cannot be read yet count nothing. */
export function sumOfLines(draft: Draft): Cash {
  const parts = draft.lines.map((line) => {
    const price = parseCash(line.price, draft.currency);
    const quantity = parseQuantity(line.quantity);
    return price && quantity ? lineTotal(price, quantity) : { currency: draft.currency, nanos: 0n };
  });
  return sum(draft.currency, parts);
}

/** What is to be paid: what was agreed on, or what the lines add up to. */
export function amountOf(draft: Draft): Cash | null {
  return draft.total.trim() ? parseCash(draft.total, draft.currency) : sumOfLines(draft);
}

export function faultsOf(draft: Draft): Fault[] {
  const faults = draft.lines.flatMap((line, at) =>
    faultsOfLine(line, draft).map((each) => ({ line: at, ...each })),
  );
  const amount = amountOf(draft);
  const nothing = draft.lines.every(isEmptyLine) && !draft.total.trim();
  if (nothing || amount === null || !isCountable(amount))
    faults.push({ line: -1, ...unread("total", draft.total, draft) });
  if (draft.lines.length > (SALE_RULES["Purchase.lines"].most ?? 0))
    faults.push({ line: -1, field: "total", kind: "many" });
  if (broken(SALE_RULES["Purchase.note"], [draft.note.trim()]))
    faults.push({ line: -1, field: "text", kind: "long" });
  return faults;
}

function faultsOfLine(line: DraftLine, { currency, total }: Draft): Omit<Fault, "line">[] {
  if (isEmptyLine(line)) return [];
  const faults: Omit<Fault, "line">[] = [];
  if (parseQuantity(line.quantity) === null) faults.push({ field: "quantity" });
  const optional = !line.price.trim() && total.trim();
  if (!optional && parseCash(line.price, currency) === null)
    faults.push(unread("price", line.price, { currency }));
  if (broken(SALE_RULES["PurchaseLine.description"], [line.description.trim()])) {
    faults.push({ field: "text", kind: "long" });
  }
  return faults;
}

/** Why an amount was not read: there is none, or it is finer than a coin. */
function unread(
  field: "price" | "total",
  text: string,
  { currency }: Pick<Draft, "currency">,
): Omit<Fault, "line"> {
  return isTooFine(text, currency) ? { field, kind: "fine" } : { field };
}

/** The item of a draft without faults. Made twice of one draft, it is the same sale. */
export function saleOf(draft: Draft, title: string, now: number): NewItem {
  const amount = amountOf(draft) ?? sumOfLines(draft);
  const purchase = create(PurchaseSchema, {
    lines: draft.lines.filter((line) => !isEmptyLine(line)).map((line) => wireLine(line, draft.currency)),
    amount: toWire(amount),
    purchaseTime: timestampFromMs(now),
    source: PurchaseSource.PHONE,
    ...(draft.note.trim() ? { note: draft.note.trim() } : {}),
  });
  return itemOf(draft.requestId, draft.customer, purchase, title, now);
}

/** A refused sale as it was typed, to be corrected: a sale of its own. */
export function draftOf(message: Uint8Array, requestId: string, customer: string): Draft {
  const purchase = purchaseIn(message);
  const currency = purchase?.amount?.currencyCode ?? "";
  const lines = (purchase?.lines ?? []).map((line) => ({
    description: line.description ?? "",
    quantity: line.quantity?.value ?? "1",
    price: line.unitPrice ? plainCash(fromWire(line.unitPrice)) : "",
  }));
  const sum = purchase && linesTotal(purchase);
  const agreed = purchase?.amount && fromWire(purchase.amount);
  const total = agreed && agreed.nanos !== sum?.nanos ? plainCash(agreed) : "";
  return {
    requestId,
    customer,
    currency,
    lines: lines.length ? lines : [NO_LINE],
    total,
    note: purchase?.note ?? "",
  };
}

/** A refused sale's purchase, changed, as a new sale of its own. */
export function saleAgain(
  message: Uint8Array,
  requestId: string,
  title: string,
  now: number,
  change: (purchase: Purchase) => void,
): NewItem {
  const request = fromBinary(RecordPurchaseRequestSchema, message);
  const purchase = request.purchase ?? create(PurchaseSchema);
  change(purchase);
  return itemOf(requestId, request.parent, purchase, title, now);
}

export function purchaseIn(message: Uint8Array): Purchase | undefined {
  return fromBinary(RecordPurchaseRequestSchema, message).purchase;
}

/** Keep what was agreed on: the lines stay as words, without prices that add up to something else. */
export function keepTotal(purchase: Purchase): void {
  for (const line of purchase.lines) delete line.unitPrice;
}

/** Keep the lines: the amount becomes what they add up to, which the server works out. */
export function keepLines(purchase: Purchase): void {
  delete purchase.amount;
}

/** The server says the phone's clock is ahead: let it take its own time. */
export function serversTime(purchase: Purchase): void {
  delete purchase.purchaseTime;
}

/** What an item says for people that it comes to; null where it is no sale. */
export function cashOf(item: Item): Cash | null {
  const [currency = "", amount = ""] = item.amount.split(" ");
  return parseCash(amount, currency);
}

/** What a purchase's lines add up to, for people. */
export function linesTotal(purchase: Purchase): Cash | null {
  const currency = purchase.lines[0]?.unitPrice?.currencyCode;
  if (!currency) return null;
  return sum(currency, purchase.lines.map(wireTotal));
}

function wireTotal(line: PurchaseLine): Cash {
  const price = line.unitPrice ? fromWire(line.unitPrice) : { currency: "", nanos: 0n };
  return lineTotal(price, line.quantity?.value ?? "1");
}

function itemOf(
  requestId: string,
  customer: string,
  purchase: Purchase,
  title: string,
  now: number,
): NewItem {
  const purchaseId = idFrom("p", requestId);
  const request = create(RecordPurchaseRequestSchema, { parent: customer, purchase, purchaseId, requestId });
  const cash = purchase.amount ? fromWire(purchase.amount) : linesTotal(purchase);
  return {
    requestId,
    kind: "purchase",
    message: toBinary(RecordPurchaseRequestSchema, request),
    customer,
    about: `${customer}/purchases/${purchaseId}`,
    title,
    amount: cash ? `${cash.currency} ${plainCash(cash)}` : "",
    tappedAt: now,
  };
}

function wireLine(line: DraftLine, currency: string): PurchaseLine {
  const price = parseCash(line.price, currency);
  return create(PurchaseLineSchema, {
    ...(line.description.trim() ? { description: line.description.trim() } : {}),
    quantity: { value: parseQuantity(line.quantity) ?? "1" },
    ...(price ? { unitPrice: toWire(price) } : {}),
  });
}
