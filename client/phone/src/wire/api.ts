// The server as the phone asks it: Connect's binary protocol over one replaceable transport, a deadline on each call.
import { fromBinary } from "@bufbuild/protobuf";
import { type CallOptions, type Client, createClient, type Transport } from "@connectrpc/connect";
import type { Item } from "../core/machine";
import type { Answer } from "../core/outcomes";
import {
  CreateCustomerRequestSchema,
  type Customer,
  CustomerService,
  UpdateCustomerRequestSchema,
} from "../gen/clientela/v1/customers_pb";
import { type Change, FeedService, type WatchResponse } from "../gen/clientela/v1/feed_pb";
import { PurchaseService, RecordPurchaseRequestSchema } from "../gen/clientela/v1/purchases_pb";
import type { Listed } from "../store/copy";
import { failedBy } from "./faults";
import { binaryTransport } from "./transport";

const WRITE_MS = 15_000;
export const READ_MS = 15_000;
const PAGE = 500;
const HISTORY = 100;

/** What is told with each call, as it is at that moment. */
export interface Credentials {
  token(): string;
  language(): string;
}

export function webTransport(origin: string, who: Credentials, ask: typeof fetch): Transport {
  const tell = () => ({ authorization: `Bearer ${who.token()}`, "accept-language": who.language() });
  return binaryTransport(origin, tell, ask);
}

export class Api {
  private readonly customers: Client<typeof CustomerService>;
  private readonly purchases: Client<typeof PurchaseService>;
  private readonly feed: Client<typeof FeedService>;

  constructor(transport: Transport) {
    this.customers = createClient(CustomerService, transport);
    this.purchases = createClient(PurchaseService, transport);
    this.feed = createClient(FeedService, transport);
  }

  /** Send a write of the outbox; never throws. */
  async write(item: Item): Promise<Answer> {
    const asOf = new AsOf(WRITE_MS);
    try {
      const answer = await this.dispatch(item, asOf.options);
      const etag = "etag" in answer ? String(answer.etag) : "";
      return { done: true, revision: asOf.revision, ...(etag ? { etag } : {}) };
    } catch (error) {
      return failedBy(error);
    }
  }

  private dispatch(item: Item, options: CallOptions): Promise<object> {
    const { kind, message } = item;
    if (kind === "purchase") {
      return this.purchases.recordPurchase(fromBinary(RecordPurchaseRequestSchema, message), options);
    }
    if (kind === "customer") {
      return this.customers.createCustomer(fromBinary(CreateCustomerRequestSchema, message), options);
    }
    return this.customers.updateCustomer(fromBinary(UpdateCustomerRequestSchema, message), options);
  }

  async customer(name: string): Promise<{ customer: Customer; asOf: bigint }> {
    const asOf = new AsOf(READ_MS);
    const customer = await this.customers.getCustomer({ name }, asOf.options);
    return { customer, asOf: asOf.revision ?? 0n };
  }

  /** All customers, page by page, each with the revision that its page reflects. */
  async *customerPages(signal: AbortSignal): AsyncGenerator<Listed["customers"], void> {
    let pageToken = "";
    do {
      const asOf = new AsOf(READ_MS);
      const options = { ...asOf.options, signal };
      const page = await this.customers.listCustomers({ pageSize: PAGE, pageToken }, options);
      yield page.customers.map((customer) => ({ customer, asOf: asOf.revision ?? 0n }));
      pageToken = page.nextPageToken;
    } while (pageToken);
  }

  /** How many customers there are: the smallest question that needs a token. */
  async customerCount(): Promise<number> {
    const page = await this.customers.listCustomers({ pageSize: 1 }, { timeoutMs: READ_MS });
    return page.totalSize ?? 0;
  }

  /** The newest entries of a customer, or with "customers/-" of all. */
  async newest(parent: string, most: number): Promise<Listed["purchases"]> {
    return upTo(most, async (pageSize, pageToken) => {
      const asOf = new AsOf(READ_MS);
      const request = { parent, pageSize, pageToken, orderBy: "revision desc" };
      const page = await this.purchases.listPurchases(request, asOf.options);
      const found = page.purchases.map((purchase) => ({ purchase, asOf: asOf.revision ?? 0n }));
      return [found, page.nextPageToken];
    });
  }

  async purchaseExists(name: string): Promise<boolean> {
    try {
      await this.purchases.getPurchase({ name }, { timeoutMs: READ_MS });
      return true;
    } catch (error) {
      return isThere(error);
    }
  }

  async customerExists(name: string): Promise<boolean> {
    try {
      await this.customers.getCustomer({ name }, { timeoutMs: READ_MS });
      return true;
    } catch (error) {
      return isThere(error);
    }
  }

  async history(name: string): Promise<Change[]> {
    return upTo(HISTORY, async (pageSize, pageToken) => {
      const page = await this.feed.listHistory({ name, pageSize, pageToken }, { timeoutMs: READ_MS });
      return [page.changes, page.nextPageToken];
    });
  }

  /** The feed; without a revision from now. */
  watch(
    after: { revision: bigint; epoch: string } | null,
    signal: AbortSignal,
  ): AsyncIterable<WatchResponse> {
    return this.feed.watch(after ? { afterRevision: after.revision, epoch: after.epoch } : {}, { signal });
  }
}

/** The first of a list, over as many pages as that takes: one whose records are large holds fewer. */
export async function upTo<T>(
  most: number,
  ask: (pageSize: number, pageToken: string) => Promise<readonly [readonly T[], string]>,
): Promise<T[]> {
  const found: T[] = [];
  let pageToken = "";
  do {
    const [items, next] = await ask(most - found.length, pageToken);
    found.push(...items);
    pageToken = next;
  } while (pageToken && found.length < most);
  return found;
}

/** A call's options, and the revision that its answer says it reflects. */
export class AsOf {
  revision: bigint | null = null;
  readonly options: CallOptions;

  constructor(timeoutMs: number) {
    this.options = {
      timeoutMs,
      onTrailer: (trailers) => {
        const told = trailers.get("clientela-revision");
        this.revision = told ? BigInt(told) : null;
      },
    };
  }
}

/** NOT_FOUND says that it is not there; any other failure says nothing, and is passed on. */
function isThere(error: unknown): false {
  const failed = failedBy(error);
  if (failed.signed && failed.code === "NOT_FOUND") return false;
  throw error;
}
