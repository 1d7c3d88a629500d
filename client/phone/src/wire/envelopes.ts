// The streams of Connect: each message has 5 bytes before it, its flags and its length; the last one, flag 2, is
// JSON with the trailers, and with the error where there is one. A stream without a last one was cut.
import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { errorOf, type WireError } from "./faults";

const PREFIX = 5;
const LAST = 2;

/** A message as it goes into a stream. */
export function enveloped(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(PREFIX + message.length);
  new DataView(out.buffer).setUint32(1, message.length);
  out.set(message, PREFIX);
  return out;
}

/** The messages of a stream, as they come; throws what the stream ends with. */
export async function* messages<T extends DescMessage>(
  body: ReadableStream<Uint8Array>,
  schema: T,
  trailer: Headers,
): AsyncGenerator<MessageShape<T>, void> {
  const reader = body.getReader();
  const buffer = new Buffer();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new ConnectError("the stream was cut", Code.Unavailable);
      buffer.add(value);
      for (let part = buffer.take(); part; part = buffer.take()) {
        if (part.flags & LAST) return end(part.data, trailer);
        yield fromBinary(schema, part.data);
      }
    }
  } finally {
    // Whoever stops reading ends the call.
    void reader.cancel().catch(() => {});
  }
}

/** Bytes that came, until they are a whole envelope. */
class Buffer {
  private bytes = new Uint8Array();

  add(more: Uint8Array): void {
    const all = new Uint8Array(this.bytes.length + more.length);
    all.set(this.bytes);
    all.set(more, this.bytes.length);
    this.bytes = all;
  }

  take(): { flags: number; data: Uint8Array } | null {
    if (this.bytes.length < PREFIX) return null;
    const length = new DataView(this.bytes.buffer, this.bytes.byteOffset).getUint32(1);
    if (this.bytes.length < PREFIX + length) return null;
    const [flags = 0] = this.bytes;
    const data = this.bytes.subarray(PREFIX, PREFIX + length);
    this.bytes = this.bytes.subarray(PREFIX + length);
    return { flags, data };
  }
}

function end(data: Uint8Array, trailer: Headers): void {
  const told = JSON.parse(new TextDecoder().decode(data)) as {
    error?: WireError;
    metadata?: Record<string, string[]>;
  };
  for (const [name, values] of Object.entries(told.metadata ?? {})) trailer.set(name, values.join(", "));
  if (told.error) throw errorOf(told.error);
}
