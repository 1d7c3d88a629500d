// fetch, with a meter on it: each request is a round trip, and its bytes are counted as they pass.
// Headers are counted as their texts; what TLS and TCP add is not seen from here.
import type { Spent } from "../core/meter";

/** What the request line, the browser's own headers and the status line take, about. */
const LINES_UP = 320;
const LINES_DOWN = 40;

export function metered(ask: typeof fetch, count: (more: Partial<Spent>) => void): typeof fetch {
  return async (input, init) => {
    const isFeed = String(input).endsWith("/Watch");
    const down = (bytes: number) => count({ bytesDown: bytes, feedBytes: isFeed ? bytes : 0 });
    const up = LINES_UP + sizeOf(new Headers(init?.headers)) + bodySize(init?.body);
    count({ trips: 1, bytesUp: up, feedTrips: isFeed ? 1 : 0, feedBytes: isFeed ? up : 0 });
    const response = await ask(input, init);
    down(LINES_DOWN + sizeOf(response.headers));
    if (!response.body) return response;
    const counter = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, out) {
        down(chunk.byteLength);
        out.enqueue(chunk);
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(counter), { status, statusText, headers });
  };
}

function sizeOf(headers: Headers): number {
  let size = 0;
  headers.forEach((value, name) => {
    size += name.length + value.length + 4;
  });
  return size;
}

function bodySize(body: unknown): number {
  if (typeof body === "string") return body.length;
  return body instanceof Uint8Array || body instanceof ArrayBuffer ? body.byteLength : 0;
}
