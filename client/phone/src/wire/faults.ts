// From the transport's errors to what they prove (core/outcomes.ts).
import { Code, ConnectError } from "@connectrpc/connect";
import type { Failed } from "../core/outcomes";
import { ErrorInfoSchema, LocalizedMessageSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb";

/** The name of a code as the whole project writes it: INVALID_ARGUMENT. */
function nameOf(code: Code): string {
  if (code === Code.Canceled) return "CANCELLED";
  return (Code[code] ?? "Unknown").replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
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
    message: localized?.message || error.rawMessage,
    facts: { ...info?.metadata },
    waitMs: Number(retry?.retryDelay?.seconds ?? 0n) * 1000 + (retry?.retryDelay?.nanos ?? 0) / 1e6,
  };
}
