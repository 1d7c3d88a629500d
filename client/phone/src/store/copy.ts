// The phone's copy of the registry and the ledger's newest entries: what reads are answered from, with or without
// a network. Changes and the cursor that counts them are stored in one transaction, so each counts once.
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { standingOf } from "../core/answers";
import { wordsOf } from "../core/search";
import { withEntry } from "../core/totals";
import { type Customer, CustomerSchema } from "../gen/clientela/v1/customers_pb";
import type { Change } from "../gen/clientela/v1/feed_pb";
import { type Purchase, PurchaseSchema } from "../gen/clientela/v1/purchases_pb";
import { turn } from "./answers";
import type { Cursor, CustomerRow, Database, PurchaseRow } from "./database";

/** What one answer of a list holds. */
export interface Listed {
  readonly customers: readonly { customer: Customer; asOf: bigint }[];
  readonly purchases: readonly { purchase: Purchase; asOf: bigint }[];
}

export interface KnownCustomer {
  readonly customer: Customer;
  readonly asOf: bigint;
}

export class Copy {
  constructor(private readonly database: Database) {}

  /** Everybody, for the search: small rows, in the order of names. */
  customers(): Promise<CustomerRow[]> {
    return this.database.getAll("customers");
  }

  /** Some of them, in this order; who is not here is left out. */
  async rows(names: readonly string[]): Promise<CustomerRow[]> {
    const found = await Promise.all(names.map((name) => this.database.get("customers", name)));
    return found.filter((row) => row !== undefined);
  }

  async customer(name: string): Promise<KnownCustomer | null> {
    const row = await this.database.get("customers", name);
    return row ? { customer: fromBinary(CustomerSchema, row.record), asOf: BigInt(row.asOf) } : null;
  }

  /** A customer's entries, the newest first. */
  async purchases(customer: string, most: number): Promise<Purchase[]> {
    const range = IDBKeyRange.bound([customer, ""], [customer, "~"]);
    const rows = await this.database.getAllFromIndex("purchases", "customer", range);
    return rows.slice(-most).reverse().map(purchaseOf);
  }

  /** The newest entries of all customers. */
  async newest(most: number): Promise<Purchase[]> {
    const found: Purchase[] = [];
    const work = this.database.transaction("purchases");
    for await (const cursor of work.store.index("order").iterate(null, "prev")) {
      found.push(purchaseOf(cursor.value));
      if (found.length >= most) break;
    }
    return found;
  }

  /** How many bytes the newest entries take on the wire: what each poll would have brought. */
  async pageBytes(most = 50): Promise<number> {
    const found = await this.newest(most);
    return found.reduce((total, each) => total + toBinary(PurchaseSchema, each).length + 3, 0);
  }

  async has(name: string): Promise<boolean> {
    const store = name.includes("/purchases/") ? "purchases" : "customers";
    return (await this.database.getKey(store, name)) !== undefined;
  }

  async cursor(): Promise<Cursor | null> {
    return ((await this.database.get("meta", "cursor"))?.value as Cursor | undefined) ?? null;
  }

  /** How many customers there are here. */
  many(): Promise<number> {
    return this.database.count("customers");
  }

  /** Keep what a read brought besides the feed, where it is no older than what is here. */
  async keep(listed: Listed): Promise<void> {
    const work = this.database.transaction(["customers", "purchases"], "readwrite");
    const customers = work.objectStore("customers");
    const purchases = work.objectStore("purchases");
    const keepCustomer = async ({ customer, asOf }: Listed["customers"][number]) => {
      const known = await customers.get(customer.name);
      if (!known || BigInt(known.asOf) <= asOf) await putCustomer(customers, customer, asOf);
    };
    const keepPurchase = async ({ purchase, asOf }: Listed["purchases"][number]) => {
      if (readAt(await purchases.get(purchase.name)) <= asOf)
        await purchases.put(purchaseRow(purchase, asOf));
    };
    await Promise.all([...listed.customers.map(keepCustomer), ...listed.purchases.map(keepPurchase)]);
    await work.done;
  }

  /**
   * All customers were seen, of which these were listed: who was not, and has not come since, is gone. The newest
   * entries take the place of all that were read before, for what lies between the two is not known.
   */
  async settle(listed: ReadonlySet<string>, newest: Listed["purchases"], cursor: Cursor): Promise<void> {
    await this.keep({ customers: [], purchases: newest });
    const work = this.database.transaction(["customers", "purchases", "meta"], "readwrite");
    const customers = work.objectStore("customers");
    const purchases = work.objectStore("purchases");
    const start = BigInt(cursor.revision);
    const unlisted = (await customers.getAllKeys()).filter((name) => !listed.has(name));
    for (const row of await Promise.all(unlisted.map((name) => customers.get(name)))) {
      if (row && BigInt(row.asOf) < start) void customers.delete(row.name);
    }
    for (const row of await purchases.getAll()) if (readAt(row) < start) void purchases.delete(row.name);
    await work.objectStore("meta").put({ key: "cursor", value: cursor });
    await work.done;
  }

  /** Take the feed's changes, in their order, and how far it has come. */
  async apply(changes: readonly Change[], cursor: Cursor): Promise<void> {
    const work = this.database.transaction(["customers", "purchases", "answers", "meta"], "readwrite");
    const customers = work.objectStore("customers");
    for (const { revision, resource } of changes) {
      if (resource.case === "customer") {
        const known = await customers.get(resource.value.name);
        if (!known || BigInt(known.asOf) < revision) await putCustomer(customers, resource.value, revision);
        if (isGone(resource.value)) await work.objectStore("answers").delete(standingOf(resource.value.name));
      }
      if (resource.case === "purchase") {
        await work.objectStore("purchases").put(purchaseRow(resource.value, revision));
        await count(customers, resource.value, revision);
      }
    }
    await turn(work.objectStore("answers"), changes);
    await work.objectStore("meta").put({ key: "cursor", value: cursor });
    await work.done;
  }

  /** Begin to fill it: what is here is of nobody knows when. */
  async clear(): Promise<void> {
    const work = this.database.transaction(["customers", "purchases"], "readwrite");
    await work.objectStore("customers").clear();
    await work.objectStore("purchases").clear();
    await work.done;
  }

  async forget(): Promise<void> {
    const work = this.database.transaction(["customers", "purchases", "answers", "meta"], "readwrite");
    await work.objectStore("customers").clear();
    await work.objectStore("purchases").clear();
    await work.objectStore("answers").clear();
    await work.objectStore("meta").delete("cursor");
    await work.done;
  }
}

/** The part of a store that is used here, whatever else the transaction holds. */
interface Customers {
  get(name: string): Promise<CustomerRow | undefined>;
  put(row: CustomerRow): Promise<unknown>;
  delete(name: string): Promise<void>;
}

const isGone = (customer: Customer): boolean => !!(customer.deleteTime || customer.eraseTime);

async function putCustomer(store: Customers, customer: Customer, asOf: bigint): Promise<void> {
  if (isGone(customer)) await store.delete(customer.name);
  else await store.put(customerRow(customer, asOf));
}

/** Add an entry to its customer's totals, unless they hold it already. */
async function count(store: Customers, purchase: Purchase, revision: bigint): Promise<void> {
  const row = await store.get(customerOf(purchase.name));
  if (!row || BigInt(row.asOf) >= revision) return;
  await store.put(customerRow(withEntry(fromBinary(CustomerSchema, row.record), purchase), revision));
}

export function customerOf(purchase: string): string {
  return purchase.split("/").slice(0, 2).join("/");
}

function customerRow(customer: Customer, asOf: bigint): CustomerRow {
  const { name, displayName, emails, phones } = customer;
  const legal = customer.party.case === "organization" ? (customer.party.value.legalName ?? "") : "";
  const words = wordsOf([
    displayName,
    legal,
    ...emails,
    ...phones.map((phone) => `${phone} ${phone.slice(1)}`),
  ]);
  return { name, displayName, words, record: toBinary(CustomerSchema, customer), asOf: asOf.toString() };
}

function purchaseRow(purchase: Purchase, asOf: bigint): PurchaseRow {
  return {
    name: purchase.name,
    customer: customerOf(purchase.name),
    order: purchase.revision.toString().padStart(19, "0"),
    record: toBinary(PurchaseSchema, purchase),
    asOf: asOf.toString(),
  };
}

/** The revision that an entry was read at; an earlier version did not keep it. */
function readAt(row: PurchaseRow | undefined): bigint {
  return BigInt(row?.asOf ?? 0);
}

function purchaseOf(row: PurchaseRow): Purchase {
  return fromBinary(PurchaseSchema, row.record);
}
