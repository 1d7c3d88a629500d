// Reads a customer and records a purchase: TOKEN=... [CA=ca.pem] node client.js ADDRESS CUSTOMER
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { credentials, Metadata, status, type ClientUnaryCall, type requestCallback, type ServiceError } from "@grpc/grpc-js";
import { CustomerServiceClient, type Customer } from "./gen/clientela/v1/customers.js";
import { PurchaseServiceClient, RecordPurchaseRequest, type Purchase } from "./gen/clientela/v1/purchases.js";
import { ErrorInfo } from "./gen/google/rpc/error_details.js";
import { Status } from "./gen/google/rpc/status.js";

// These codes prove that nothing was done; any other leaves a write in doubt.
const REFUSALS = [status.INVALID_ARGUMENT, status.UNAUTHENTICATED, status.PERMISSION_DENIED, status.NOT_FOUND,
  status.ALREADY_EXISTS, status.FAILED_PRECONDITION, status.OUT_OF_RANGE, status.UNIMPLEMENTED, status.ABORTED];

/** Starts a call; gives its answer and the revision that the answer reflects. */
function ask<T>(start: (done: requestCallback<T>) => ClientUnaryCall): Promise<[T, string]> {
  return new Promise((resolve, reject) => {
    let answer: T;
    const call = start((error, value) => (error ? reject(error) : (answer = value!)));
    call.on("status", (end) => resolve([answer, String(end.metadata.get("clientela-revision"))]));
  });
}

function explain(error: ServiceError, sent: string): string {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  const details = bytes ? Status.decode(bytes as Buffer).details : [];
  const packed = details.find((detail) => detail.typeUrl.endsWith("/google.rpc.ErrorInfo"));
  const info = packed && ErrorInfo.decode(packed.value);
  const doubt = sent ? `in doubt, ask again with ${sent}` : "no answer";
  const outcome = REFUSALS.includes(error.code) ? "not done" : doubt;
  return `${outcome}: ${status[error.code]} ${info?.reason ?? ""} ${JSON.stringify(info?.metadata ?? {})}`;
}

const [address, name] = process.argv.slice(2);
// TLS with the roots in a file, as `clientela trust` prints them; without a file there is none.
const { CA, TOKEN } = process.env;
const wire = CA ? credentials.createSsl(readFileSync(CA)) : credentials.createInsecure();
const options = { "grpc.service_config": readFileSync("service_config.json", "utf8") };
const customers = new CustomerServiceClient(address, wire, options);
const purchases = new PurchaseServiceClient(address, wire, options);
const token = new Metadata({ waitForReady: true }); // grpc-js does not take that of the service config
token.set("authorization", `Bearer ${TOKEN}`);
const deadline = () => ({ deadline: Date.now() + 10_000 });

let sent = "";
try {
  const [found, seen] = await ask<Customer>((done) => customers.getCustomer({ name }, token, deadline(), done));
  console.log(`${found.displayName} at revision ${seen}`);
  sent = randomUUID(); // one for this intent: keep it, and send it with every retry
  const amount = { currencyCode: "EUR", units: 19n, nanos: 900_000_000 };
  const record = RecordPurchaseRequest.fromPartial({ parent: name, purchase: { amount }, requestId: sent });
  const [made, at] = await ask<Purchase>((done) => purchases.recordPurchase(record, token, deadline(), done));
  console.log(`${made.name} at revision ${at}`);
} catch (error) {
  console.error(explain(error as ServiceError, sent));
  process.exitCode = 1;
}
