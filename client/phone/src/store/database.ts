// The phone's disk: one IndexedDB database. What must happen together is done in one transaction.
// Read next: outbox.ts (what is to be sent), copy.ts (what was read), answers.ts (what was asked for).
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { AnswerRow } from "../core/answers";
import { type Item, takenUp } from "../core/machine";
import type { Spent } from "../core/meter";

/** A customer as last read. */
export interface CustomerRow {
  readonly name: string;
  readonly displayName: string;
  readonly words: string;
  /** The encoded Customer, with its totals. */
  readonly record: Uint8Array;
  /** The revision that the record and its totals reflect. */
  readonly asOf: string;
}

/** An entry of the ledger as last read. */
export interface PurchaseRow {
  readonly name: string;
  readonly customer: string;
  /** The revision, padded so that texts sort as numbers do. */
  readonly order: string;
  readonly record: Uint8Array;
  /** The revision that the record reflects. */
  readonly asOf?: string;
}

/** How far the copy has come. */
export interface Cursor {
  readonly epoch: string;
  readonly revision: string;
  /** When the server last said that this is all there is, by the phone's clock. */
  readonly syncedAt: number;
}

export interface Meta {
  token: string;
  /** Whether the server refused the token: nothing is sent until there is another one. */
  tokenRefused: boolean;
  cursor: Cursor;
  spent: Spent;
  drafts: readonly Draft[];
  /** The ledger was restored from a backup: what it had accepted from this phone is yet to be looked for. */
  restored: boolean;
}

/** A sale that is being put together (drafts.ts): its ids make the second of two taps harmless. */
export interface Draft {
  readonly requestId: string;
  readonly customer: string;
  readonly currency: string;
  readonly lines: readonly DraftLine[];
  /** What was agreed on, as typed; empty: what the lines add up to. */
  readonly total: string;
  readonly note: string;
}

export interface DraftLine {
  readonly description: string;
  readonly quantity: string;
  readonly price: string;
}

interface Schema extends DBSchema {
  outbox: { key: number; value: Item; indexes: { requestId: string; customer: string } };
  customers: { key: string; value: CustomerRow };
  purchases: { key: string; value: PurchaseRow; indexes: { customer: [string, string]; order: string } };
  answers: { key: string; value: AnswerRow };
  meta: { key: keyof Meta; value: { key: keyof Meta; value: Meta[keyof Meta] } };
}

export type Database = IDBPDatabase<Schema>;

/** Earlier versions kept one, and another customer's took its place. */
const ONE_DRAFT = "draft" as keyof Meta;

export function open(name = "clientela"): Promise<Database> {
  return openDB<Schema>(name, 4, {
    async upgrade(database, before, _, work) {
      if (before < 2) database.createObjectStore("answers", { keyPath: "key" });
      if (before > 0) {
        const kept = work.objectStore("outbox");
        for (const item of await kept.getAll()) await kept.put(takenUp(item));
        const meta = work.objectStore("meta");
        const draft = await meta.get(ONE_DRAFT);
        if (draft) await meta.put({ key: "drafts", value: [draft.value as unknown as Draft] });
        await meta.delete(ONE_DRAFT);
        return;
      }
      const outbox = database.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true });
      outbox.createIndex("requestId", "requestId", { unique: true });
      outbox.createIndex("customer", "customer");
      database.createObjectStore("customers", { keyPath: "name" });
      const purchases = database.createObjectStore("purchases", { keyPath: "name" });
      purchases.createIndex("customer", ["customer", "order"]);
      purchases.createIndex("order", "order");
      database.createObjectStore("meta", { keyPath: "key" });
    },
    // Another tab has a newer version of the app: make room for it.
    blocking(_old, _new, event) {
      (event.target as IDBDatabase).close();
    },
  });
}

export async function readMeta<K extends keyof Meta>(
  database: Database,
  key: K,
): Promise<Meta[K] | undefined> {
  return (await database.get("meta", key))?.value as Meta[K] | undefined;
}

export async function writeMeta<K extends keyof Meta>(
  database: Database,
  key: K,
  value: Meta[K],
): Promise<void> {
  await database.put("meta", { key, value });
}

export async function forgetMeta(database: Database, key: keyof Meta): Promise<void> {
  await database.delete("meta", key);
}
