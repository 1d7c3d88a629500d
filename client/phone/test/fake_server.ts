// A server in memory behind a real transport object: enough of the three services for what the phone asks.
import { clone, create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  Code,
  ConnectError,
  createRouterTransport,
  type HandlerContext,
  type Transport,
} from "@connectrpc/connect";
import { withEntry } from "../src/core/totals";
import { type Customer, CustomerSchema, CustomerService } from "../src/gen/clientela/v1/customers_pb";
import { type Change, ChangeSchema, FeedService } from "../src/gen/clientela/v1/feed_pb";
import { type Purchase, PurchaseSchema, PurchaseService } from "../src/gen/clientela/v1/purchases_pb";
import { ErrorInfoSchema } from "../src/gen/google/rpc/error_details_pb";

export function refuse(code: Code, reason: string, metadata: Record<string, string> = {}): ConnectError {
  const details = [{ desc: ErrorInfoSchema, value: { reason, domain: "clientela", metadata } }];
  return new ConnectError(reason, code, undefined, details);
}

export class FakeServer {
  epoch = "epoch-1";
  journal: Change[] = [];
  tokenGood = true;
  customers = new Map<string, Customer>();
  purchases = new Map<string, Purchase>();
  /** How often each method was called. */
  readonly calls: string[] = [];
  /** Whether each feed breaks as soon as it has begun. */
  breakAfterFirst = false;
  private wakers = new Set<() => void>();
  private cut = new AbortController();

  get transport(): Transport {
    return createRouterTransport(({ service }) => {
      service(CustomerService, {
        getCustomer: ({ name }, context) => this.read(context, this.find(this.customers, name)),
        listCustomers: (_request, context) => this.read(context, { customers: this.listed() }),
        createCustomer: (request, context) => {
          const name = `customers/${request.customerId}`;
          const customer = clone(CustomerSchema, request.customer ?? create(CustomerSchema));
          Object.assign(customer, { name, etag: '"1"' });
          return this.write(context, "CustomerService.CreateCustomer", request.requestId, customer);
        },
        updateCustomer: (request, context) => {
          const before = this.find(this.customers, request.customer?.name ?? "");
          if (request.customer?.etag && request.customer.etag !== before.etag) {
            throw refuse(Code.Aborted, "ETAG_MISMATCH", { name: before.name });
          }
          const after = clone(CustomerSchema, before);
          if (request.customer) after.displayName = request.customer.displayName;
          after.etag = `"${this.journal.length + 1}"`;
          return this.write(context, "CustomerService.UpdateCustomer", request.requestId, after);
        },
      });
      service(PurchaseService, {
        recordPurchase: (request, context) => {
          const name = `${request.parent}/purchases/${request.purchaseId}`;
          const purchase = clone(PurchaseSchema, request.purchase ?? create(PurchaseSchema));
          purchase.name = name;
          return this.write(context, "PurchaseService.RecordPurchase", request.requestId, purchase);
        },
        getPurchase: ({ name }, context) => this.read(context, this.find(this.purchases, name)),
        listPurchases: ({ pageSize }, context) =>
          this.read(context, { purchases: [...this.purchases.values()].reverse().slice(0, pageSize) }),
      });
      service(FeedService, {
        watch: (request, context) => this.watch(request.afterRevision, request.epoch, context),
      });
    });
  }

  listed(): Customer[] {
    return [...this.customers.values()];
  }

  /** Somebody else writes. */
  put(thing: Customer | Purchase, requestId = ""): void {
    const revision = BigInt(this.journal.length + 1);
    const change = {
      revision,
      name: thing.name,
      requestId,
      actor: "somebody",
      commitTime: timestampFromMs(1000),
    };
    if (thing.$typeName === "clientela.v1.Customer") {
      this.customers.set(thing.name, thing);
      this.journal.push(create(ChangeSchema, { ...change, resource: { case: "customer", value: thing } }));
    } else {
      thing.revision = revision;
      this.purchases.set(thing.name, thing);
      this.journal.push(create(ChangeSchema, { ...change, resource: { case: "purchase", value: thing } }));
      const customer = this.customers.get(thing.name.split("/").slice(0, 2).join("/"));
      if (customer) this.customers.set(customer.name, withEntry(customer, thing));
    }
    for (const wake of this.wakers) wake();
  }

  /** Something changed that this server does not keep: a segment, or a stage with the days that pass. */
  tell(name: string): void {
    this.journal.push(create(ChangeSchema, { revision: BigInt(this.journal.length + 1), name }));
    for (const wake of this.wakers) wake();
  }

  /** Back to the ledger as it was at a revision, as from a backup. */
  restore(revision: number): void {
    const kept = this.journal.slice(0, revision);
    this.journal = [];
    this.customers.clear();
    this.purchases.clear();
    for (const { resource, requestId } of kept) if (resource.value) this.put(resource.value, requestId);
    this.epoch = "epoch-2";
    this.cutWatches();
  }

  cutWatches(): void {
    this.cut.abort();
    this.cut = new AbortController();
  }

  private find<T>(things: Map<string, T>, name: string): T {
    const found = things.get(name);
    if (!found) throw refuse(Code.NotFound, "CUSTOMER_NOT_FOUND", { name });
    return found;
  }

  private read<T>(context: HandlerContext, answer: T): T {
    this.enter(context);
    context.responseTrailer.set("clientela-revision", String(this.journal.length));
    return answer;
  }

  private write<T extends Customer | Purchase>(
    context: HandlerContext,
    method: string,
    requestId: string | undefined,
    thing: T,
  ): T {
    this.enter(context);
    const known = this.journal.find((change) => change.requestId === requestId);
    if (!known) this.put(thing, requestId);
    context.responseTrailer.set("clientela-revision", String(known?.revision ?? this.journal.length));
    this.calls.push(method);
    return (known?.resource.value as T | undefined) ?? thing;
  }

  private enter(context: HandlerContext): void {
    this.calls.push(context.method.name);
    if (!this.tokenGood) throw refuse(Code.Unauthenticated, "TOKEN_INVALID");
  }

  private async *watch(after: bigint | undefined, epoch: string | undefined, context: HandlerContext) {
    this.enter(context);
    let reached = after ?? BigInt(this.journal.length);
    if (epoch && epoch !== this.epoch) throw refuse(Code.OutOfRange, "EPOCH_CHANGED", { epoch: this.epoch });
    const signal = AbortSignal.any([context.signal, this.cut.signal]);
    const head = () => BigInt(this.journal.length);
    yield { bookmarkRevision: reached, epoch: this.epoch, headRevision: head() };
    if (this.breakAfterFirst) throw refuse(Code.ResourceExhausted, "MESSAGE_TOO_LARGE");
    while (!signal.aborted) {
      const changes = this.journal.slice(Number(reached), Number(reached) + 500);
      reached += BigInt(changes.length);
      if (changes.length) yield { changes, bookmarkRevision: reached, headRevision: head() };
      else await this.next(signal);
    }
    throw refuse(Code.Unavailable, "SERVER_STOPPING");
  }

  private next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.wakers.delete(wake);
        resolve();
      };
      this.wakers.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
