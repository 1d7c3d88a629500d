import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { CustomerSchema } from "../src/gen/clientela/v1/customers_pb";
import { type WatchResponse, WatchResponseSchema } from "../src/gen/clientela/v1/feed_pb";
import { ErrorInfoSchema } from "../src/gen/google/rpc/error_details_pb";
import { Api, webTransport } from "../src/wire/api";
import { enveloped } from "../src/wire/envelopes";
import { failedBy } from "../src/wire/faults";

const who = { token: () => "clt_x", language: () => "lt" };

/** The phone's calls, answered by this. */
function api(answer: (path: string, init: RequestInit) => Response | Promise<Response>): Api {
  const ask = async (url: unknown, init: RequestInit = {}) => answer(new URL(String(url)).pathname, init);
  return new Api(webTransport("http://shop.example", who, ask as typeof fetch));
}

function proto(body: Uint8Array, headers: Record<string, string> = {}): Response {
  return new Response(body as Uint8Array<ArrayBuffer>, {
    headers: { "content-type": "application/proto", ...headers },
  });
}

function refusal(): string {
  const info = create(ErrorInfoSchema, {
    reason: "CUSTOMER_NOT_FOUND",
    domain: "clientela",
    metadata: { name: "x" },
  });
  const value = btoa(String.fromCharCode(...toBinary(ErrorInfoSchema, info))).replace(/=+$/, "");
  return JSON.stringify({
    code: "not_found",
    message: "no",
    details: [{ type: "google.rpc.ErrorInfo", value }],
  });
}

const thrown = (work: Promise<unknown>) => work.then(() => null, failedBy);

describe("a call", () => {
  test("says who asks, in which language, and for how long", async () => {
    let told: RequestInit = {};
    const body = toBinary(CustomerSchema, create(CustomerSchema, { name: "customers/a" }));
    const read = await api((path, init) => {
      told = init;
      expect(path).toBe("/clientela.v1.CustomerService/GetCustomer");
      return proto(body, { "trailer-clientela-revision": "12" });
    }).customer("customers/a");
    expect(read).toMatchObject({ asOf: 12n, customer: { name: "customers/a" } });
    const headers = new Headers(told.headers);
    expect(headers.get("authorization")).toBe("Bearer clt_x");
    expect(headers.get("accept-language")).toBe("lt");
    expect(Number(headers.get("connect-timeout-ms"))).toBeGreaterThan(0);
    expect(told.credentials).toBe("omit");
  });

  test("that is refused tells the reason and its facts", async () => {
    const headers = { "content-type": "application/json" };
    const failed = await thrown(
      api(() => new Response(refusal(), { status: 404, headers })).customer("customers/x"),
    );
    expect(failed).toMatchObject({
      code: "NOT_FOUND",
      signed: true,
      reason: "CUSTOMER_NOT_FOUND",
      facts: { name: "x" },
    });
  });

  test.each([
    [
      "a portal's page",
      () => new Response("<html>Welcome!</html>", { headers: { "content-type": "text/html" } }),
    ],
    ["a proxy's 403", () => new Response("no", { status: 403 })],
    ["a proxy that speaks JSON", () => new Response('{"code":"permission_denied"}', { status: 403 })],
    ["a line that is cut", () => Promise.reject(new TypeError("Failed to fetch"))],
  ])("that %s answers is no word of the server", async (_name, answer) => {
    expect(await thrown(api(answer).customer("customers/x"))).toMatchObject({ signed: false });
  });
});

describe("a stream", () => {
  const messages = [1n, 2n, 3n].map((bookmarkRevision) => create(WatchResponseSchema, { bookmarkRevision }));
  const end = (text: string) => Uint8Array.from([2, 0, 0, 0, text.length, ...new TextEncoder().encode(text)]);

  function stream(bytes: Uint8Array[], pieces: number): Response {
    const all = bytes.flatMap((each) => [...each]);
    const body = new ReadableStream<Uint8Array>({
      start(out) {
        for (let at = 0; at < all.length; at += pieces)
          out.enqueue(Uint8Array.from(all.slice(at, at + pieces)));
        out.close();
      },
    });
    return new Response(body, { headers: { "content-type": "application/connect+proto" } });
  }

  async function read(answer: Response): Promise<[bigint[], ReturnType<typeof failedBy> | null]> {
    const seen: bigint[] = [];
    const watching = async () => {
      const feed: AsyncIterable<WatchResponse> = api(() => answer).watch(null, new AbortController().signal);
      for await (const message of feed) seen.push(message.bookmarkRevision);
    };
    const failed = await thrown(watching());
    return [seen, failed];
  }

  const encoded = messages.map((message) => enveloped(toBinary(WatchResponseSchema, message)));

  test.each([1, 2, 3, 7, 1000])("in pieces of %i bytes is the same messages", async (pieces) => {
    expect(await read(stream([...encoded, end("{}")], pieces))).toEqual([[1n, 2n, 3n], null]);
  });

  test("that ends with an error gives what came before, and the error", async () => {
    const [seen, failed] = await read(stream([...encoded, end(`{"error":${refusal()}}`)], 5));
    expect(seen).toEqual([1n, 2n, 3n]);
    expect(failed).toMatchObject({ code: "NOT_FOUND", signed: true });
  });

  test("without an end was cut", async () => {
    const [seen, failed] = await read(stream(encoded, 5));
    expect(seen.length).toBe(3);
    expect(failed).toMatchObject({ code: "UNAVAILABLE", signed: false });
  });
});
