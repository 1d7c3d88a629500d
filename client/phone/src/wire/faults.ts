// From what the wire says of a failure to what it proves (core/outcomes.ts).
import { Code, ConnectError } from "@connectrpc/connect";
import type { Failed } from "../core/outcomes";
import { ErrorInfoSchema, LocalizedMessageSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb";
import { oneDot } from "../texts/dots";

/** An error as Connect writes it, in JSON. */
export interface WireError {
  readonly code?: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

const spaced = (name: string) => name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
const CODES = new Map(Object.entries(Code).map(([name, code]) => [spaced(name), code as Code]));

export function errorOf({ code = "", message = "", details = [] }: WireError): ConnectError {
  const error = new ConnectError(message, CODES.get(code) ?? Code.Unknown);
  error.details = details.map(({ type, value }) => ({ type, value: bytesOf(value) }));
  return error;
}

/** What an answer says that is not the message that was asked for. */
export async function refusal(response: Response): Promise<ConnectError> {
  const told = (await response.json().catch(() => null)) as WireError | null;
  return errorOf(told ?? { message: `HTTP status ${response.status}` });
}

export function failedBy(thrown: unknown): Failed {
  const error = ConnectError.from(thrown);
  const info = error.findDetails(ErrorInfoSchema).find((each) => each.domain === "clientela");
  const [retry] = error.findDetails(RetryInfoSchema);
  const [localized] = error.findDetails(LocalizedMessageSchema);
  return {
    done: false,
    code: nameOf(error.code),
    signed: info !== undefined,
    reason: info?.reason ?? "",
    message: oneDot(localized?.message || error.rawMessage),
    facts: { ...info?.metadata },
    waitMs: Number(retry?.retryDelay?.seconds ?? 0n) * 1000 + (retry?.retryDelay?.nanos ?? 0) / 1e6,
  };
}

/** The name of a code as the whole project writes it: INVALID_ARGUMENT. */
function nameOf(code: Code): string {
  return code === Code.Canceled ? "CANCELLED" : spaced(Code[code] ?? "Unknown").toUpperCase();
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
