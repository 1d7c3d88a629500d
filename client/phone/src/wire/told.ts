// Answers with the revision that they reflect.
import { AsOf, READ_MS } from "./api";

/** An answer, and the revision that it says it reflects. */
export interface Told<T> {
  readonly message: T;
  readonly asOf: bigint;
}

export async function told<T>(ask: (asOf: AsOf) => Promise<T>): Promise<Told<T>> {
  const asOf = new AsOf(READ_MS);
  return { message: await ask(asOf), asOf: asOf.revision ?? 0n };
}
