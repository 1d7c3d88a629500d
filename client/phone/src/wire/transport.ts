// Connect's protocol over fetch, in binary: what the phone needs of it, readable in one sitting.
//
// unary      POST /package.Service/Method, application/proto; trailers come as headers that begin with "trailer-",
//            errors as JSON with a status that is not 200.
// streaming  application/connect+proto; see envelopes.ts.
//
// connect-web's transport does more, and its JSON half alone weighs a seventh of this app: a clerk in a tunnel
// would pay for what is never used. This one fills the same interface, so either can stand in for the other.
import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { StreamResponse, Transport, UnaryResponse } from "@connectrpc/connect";
import { enveloped, messages } from "./envelopes";
import { refusal } from "./faults";

/** What is told with each call, as it is at that moment. */
export type Telling = () => Readonly<Record<string, string>>;

interface Asked {
  readonly method: DescMethod;
  readonly kind: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

export function binaryTransport(origin: string, tell: Telling, ask: typeof fetch): Transport {
  const post = ({ method, kind, body, timeoutMs, signal }: Asked): Promise<Response> => {
    const headers: Record<string, string> = {
      ...tell(),
      "content-type": kind,
      "connect-protocol-version": "1",
    };
    if (timeoutMs) headers["connect-timeout-ms"] = String(timeoutMs);
    const limits = [signal, timeoutMs ? AbortSignal.timeout(timeoutMs) : undefined];
    const until = AbortSignal.any(limits.filter((each) => each !== undefined));
    const url = `${origin}/${method.parent.typeName}/${method.name}`;
    return ask(url, { method: "POST", headers, body, signal: until, redirect: "error", credentials: "omit" });
  };
  return {
    async unary(method, signal, timeoutMs, _header, input) {
      const body = encoded(method.input, input);
      const response = await post({ method, kind: "application/proto", body, timeoutMs, signal });
      return unaryAnswer(method, response);
    },
    async stream(method, signal, timeoutMs, _header, input) {
      let body: Uint8Array<ArrayBuffer> = new Uint8Array();
      for await (const message of input) body = enveloped(encoded(method.input, message));
      const response = await post({ method, kind: "application/connect+proto", body, timeoutMs, signal });
      return streamAnswer(method, response);
    },
  };
}

async function unaryAnswer<I extends DescMessage, O extends DescMessage>(
  method: DescMethod & { input: I; output: O },
  response: Response,
): Promise<UnaryResponse<I, O>> {
  // Whatever else answers with 200, such as a portal's page, is not the server.
  if (!isOf(response, "application/proto")) throw await refusal(response);
  const [header, trailer] = apart(response.headers);
  const message = fromBinary(method.output, new Uint8Array(await response.arrayBuffer()));
  return { stream: false, service: method.parent, method, header, trailer, message } as UnaryResponse<I, O>;
}

async function streamAnswer<I extends DescMessage, O extends DescMessage>(
  method: DescMethod & { input: I; output: O },
  response: Response,
): Promise<StreamResponse<I, O>> {
  if (!isOf(response, "application/connect+proto") || !response.body) throw await refusal(response);
  const trailer = new Headers();
  const message = messages(response.body, method.output, trailer);
  const { headers: header } = response;
  return { stream: true, service: method.parent, method, header, trailer, message } as StreamResponse<I, O>;
}

function isOf(response: Response, kind: string): boolean {
  return response.ok && response.headers.get("content-type")?.split(";")[0] === kind;
}

function encoded<T extends DescMessage>(schema: T, init: MessageInitShape<T>): Uint8Array<ArrayBuffer> {
  return toBinary(schema, create(schema, init)) as Uint8Array<ArrayBuffer>;
}

/** Trailers travel as headers with "trailer-" before their names. */
function apart(all: Headers): [Headers, Headers] {
  const [header, trailer] = [new Headers(), new Headers()];
  all.forEach((value, name) => {
    if (name.startsWith("trailer-")) trailer.set(name.slice("trailer-".length), value);
    else header.set(name, value);
  });
  return [header, trailer];
}
