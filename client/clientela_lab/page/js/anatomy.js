// What an event is made of, down to the byte: HTTP/2 frame, gRPC prefix, fields. Nothing is drawn here.
//
// Theory: a node has ranges of bytes, and children within them; the deepest node that has a byte is what the byte
// is. A message may lie in several frames, so a node may have several ranges, each in its frame's bytes.
// Read next: panel.js.

/** @typedef {{frame: Event_, bytes: Uint8Array, title: string}} Block */
/** @typedef {{block: number, from: number, to: number}} Range */
/** @typedef {{id: number, kind: string, name: string, value: string, note: string, depth: number, ranges: Range[]}} Node_ */
/** @typedef {{blocks: Block[], nodes: Node_[], roles: Uint8Array[], owners: Int32Array[], note: string}} Anatomy */

const HEAD = 9;
/** What a byte can be, by the number that its block keeps for it. */
const ROLES = ["other", "head", "prefix", "tag", "length", "value"];
const HEADLESS = { PREFACE: "connection preface", RAW: "no frame at all" };
const PREFIX = 5;
const NODES_MAX = 500;
const HEADS_MAX = 3;
const WIRE_TYPES = {
  VARINT: "0: a number, seven bits a byte", I64: "1: eight bytes", LEN: "2: a length, then as many bytes",
  SGROUP: "3: a group", I32: "5: four bytes",
};

/** @param {Event_} event @param {Recording} recording @returns {Anatomy|null} null where an event has no bytes */
function anatomyOf(event, recording) {
  const frames = framesOf(event, recording);
  if (!frames.length) return null;
  const made = new Making(frames);
  if (event.event === "message") made.message(event);
  else if (event.event === "body") made.body(event);
  else frames.forEach((frame, block) => made.wholeFrame(frame, block, recording));
  return made.anatomy;
}

function framesOf(event, recording) {
  if (event.event === "frame") return [event];
  if (event.event === "call_begin") return [recording.byN.get(event.frame)].filter(Boolean);
  if (event.event === "call_end") return [frameOfEnd(recording, event)].filter(Boolean);
  const numbers = [...new Set((event.parts ?? []).map((part) => part.frame))];
  return numbers.map((number) => recording.byN.get(number)).filter(Boolean);
}

function bytesOf(frame) {
  const text = atob(frame.raw ?? "");
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** An anatomy in the making. */
class Making {
  constructor(frames) {
    const blocks = frames.map((frame) => ({ frame, bytes: bytesOf(frame), title: `frame ${frame.n}` }));
    this.anatomy = {
      blocks,
      nodes: [],
      owners: blocks.map(({ bytes }) => new Int32Array(bytes.length).fill(-1)),
      roles: blocks.map(({ bytes }) => new Uint8Array(bytes.length)),
      note: "",
    };
    frames.slice(0, HEADS_MAX).forEach((frame, block) => this.head(frame, block));
    if (frames.length > HEADS_MAX) this.furtherHeads(frames.length);
  }

  /** A large message lies in many frames, whose heads are much the same. */
  furtherHeads(frames) {
    const ranges = Array.from({ length: frames - HEADS_MAX }, (_, at) => ({ block: at + HEADS_MAX, from: 0, to: HEAD }));
    this.node("head", `and ${count(ranges.length, "frame")} more`, "", "9 bytes each", 0, ranges);
  }

  /** Add a node; its bytes are its own until a child takes them. */
  node(kind, name, value, note, depth, ranges, role = kind) {
    const { nodes, owners } = this.anatomy;
    const id = nodes.length;
    nodes.push({ id, kind, name, value, note, depth, ranges });
    for (const { block, from, to } of ranges) owners[block].fill(id, from, to);
    this.role(ranges, role);
  }

  role(ranges, role) {
    for (const { block, from, to } of ranges) this.anatomy.roles[block].fill(ROLES.indexOf(role), from, to);
  }

  head(frame, block) {
    const { bytes } = this.anatomy.blocks[block];
    if (HEADLESS[frame.kind]) return;
    const at = (from, to) => [{ block, from, to }];
    const flags = (frame.flags ?? []).join(" + ") || "none";
    this.node("head", `HTTP/2 frame · ${frame.kind}`, "", "9 bytes that stand before every frame", 0, at(0, HEAD));
    this.node("head", "length", String(frame.length), "how many bytes follow this head, in 3 bytes", 1, at(0, 3));
    this.node("head", "type", frame.kind, `number ${bytes[3]}`, 1, at(3, 4));
    this.node("head", "flags", flags, "what is special about it, a bit each", 1, at(4, 5));
    this.node("head", "stream", String(frame.stream), frame.stream ? "which call it belongs to" : "0: the connection itself", 1, at(5, HEAD));
  }

  /** A frame by itself, with what it carries. */
  wholeFrame(frame, block, recording) {
    const { bytes } = this.anatomy.blocks[block];
    for (const message of recording.carried.get(frame.n) ?? []) {
      const ranges = message.parts.filter((part) => part.frame === frame.n).map((part) => ({ block, from: part.at[0], to: part.at[1] }));
      this.node("field", shortName(message.type) || "message", `${message.length} bytes`, "a gRPC message, or a part of one", 0, ranges, "value");
    }
    if (HEADLESS[frame.kind]) this.headless(frame, block, bytes.length);
    if (frame.kind === "HEADERS" || frame.kind === "CONTINUATION") this.headerBlock(block, bytes.length);
    for (const piece of payloadPieces(frame, bytes)) {
      this.node("field", piece.name, piece.value, piece.note, 0, [{ block, from: piece.from, to: piece.to }], "value");
    }
  }

  headless(frame, block, end) {
    const note = frame.kind === "PREFACE" ? "how a client says that it speaks HTTP/2" : "bytes that HTTP/2 does not know";
    this.node("head", HEADLESS[frame.kind], count(end, "byte"), note, 0, [{ block, from: 0, to: end }]);
  }

  headerBlock(block, end) {
    if (end <= HEAD) return;
    const note = "packed by HPACK: what a byte means hangs on the headers that were sent before, so none can be named alone";
    this.node("field", "header block", count(end - HEAD, "byte"), note, 0, [{ block, from: HEAD, to: end }], "value");
  }

  body(event) {
    const ranges = event.parts.map((part) => ({ block: this.blockOf(part.frame), from: part.at[0], to: part.at[1] }));
    this.node("field", "body", count(event.length, "byte"), event.type || "of a type that is not told", 0, ranges.filter(({ block }) => block >= 0), "value");
  }

  message(event) {
    const pieces = (event.parts ?? []).map((part) => ({ block: this.blockOf(part.frame), from: part.at[0], to: part.at[1] }));
    const ranges = (from, to) => within(pieces, from, to);
    const packed = event.compressed ? "1" : "0";
    this.node("prefix", "gRPC prefix", "", "5 bytes that stand before every message", 0, ranges(0, PREFIX));
    this.node("prefix", "compressed", packed, event.compressed ? "yes: what follows is packed" : "no", 1, ranges(0, 1));
    this.node("prefix", "length", String(event.length), "how many bytes of message follow, in 4 bytes", 1, ranges(1, PREFIX));
    this.node("field", shortName(event.type) || "message", count(event.length, "byte"), event.type ?? "of a type that is not known", 0, ranges(PREFIX, Infinity), "value");
    if (event.compressed) this.unpacked(event);
    else this.fields(event.fields ?? [], 1, (from, to) => ranges(from + PREFIX, to + PREFIX), joined(this.anatomy.blocks, pieces).slice(PREFIX));
  }

  /** Of a compressed message the fields lie in what it is when it is unpacked. */
  unpacked(event) {
    const { blocks, owners, roles } = this.anatomy;
    this.anatomy.note = "The message is compressed: its fields lie in the bytes that it is unpacked to.";
    if (!event.unpacked) return;
    const block = blocks.length;
    const bytes = bytesOf({ raw: event.unpacked });
    blocks.push({ frame: event, bytes, title: "unpacked" });
    owners.push(new Int32Array(bytes.length).fill(-1));
    roles.push(new Uint8Array(bytes.length));
    this.fields(event.fields ?? [], 1, (from, to) => [{ block, from, to }], bytes);
  }

  blockOf(number) {
    return this.anatomy.blocks.findIndex(({ frame }) => frame.n === number);
  }

  fields(fields, depth, ranges, bytes) {
    for (const field of fields) {
      if (this.anatomy.nodes.length >= NODES_MAX) {
        this.anatomy.note = `Only the first ${NODES_MAX.toLocaleString("en")} parts are shown.`;
        return;
      }
      this.field(field, depth, ranges, bytes);
    }
  }

  field(field, depth, ranges, bytes) {
    const [from, to] = field.at ?? [0, 0];
    const value = field.fields ? wholeValue(field) ?? "" : valueWords(field);
    const wire = WIRE_TYPES[field.wire] ? `wire type ${WIRE_TYPES[field.wire]}` : "what cannot be read";
    const note = `field ${field.number}${field.name ? "" : ", not in the contract"} · ${field.type ?? "type unknown"} · ${wire}`;
    this.node("field", nameOf(field), value, note, depth, ranges(from, to), "value");
    const tag = varintEnd(bytes, from);
    this.role(ranges(from, tag), "tag");
    if (field.wire === "LEN") this.role(ranges(tag, varintEnd(bytes, tag)), "length");
    if (field.fields) this.fields(field.fields, depth + 1, ranges, bytes);
  }
}

/** Translate a range of prefix and message to ranges of the frames that they lie in. @returns {Range[]} */
function within(pieces, from, to) {
  const found = [];
  let before = 0;
  for (const piece of pieces) {
    const length = piece.to - piece.from;
    const begin = Math.max(from - before, 0);
    const end = Math.min(to - before, length);
    if (begin < end && piece.block >= 0) found.push({ block: piece.block, from: piece.from + begin, to: piece.from + end });
    before += length;
  }
  return found;
}

/** Prefix and message in one piece. */
function joined(blocks, pieces) {
  const found = pieces.filter(({ block }) => block >= 0).map(({ block, from, to }) => blocks[block].bytes.subarray(from, to));
  const whole = new Uint8Array(found.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of found) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Where a varint ends: its last byte is the first below 128. */
function varintEnd(bytes, at) {
  let end = at;
  while (end < bytes.length && bytes[end] >= 128) end += 1;
  return end + 1;
}

/** The parts of the payloads that HTTP/2 itself defines. */
function payloadPieces(frame, bytes) {
  const number = (from, length) => bytes.slice(from, from + length).reduce((sum, byte) => sum * 256 + byte, 0);
  const piece = (name, value, note, from, to) => ({ name, value: String(value), note, from, to });
  if (frame.kind === "SETTINGS") return settingPieces(frame, bytes, number, piece);
  if (bytes.length <= HEAD) return [];
  if (frame.kind === "WINDOW_UPDATE") return [piece("increment", `+${number(9, 4).toLocaleString("en")}`, "so many bytes more may be sent", 9, 13)];
  if (frame.kind === "PING") return [piece("data", frame.ping ?? "", "8 bytes that come back in the answer", 9, 17)];
  if (frame.kind === "RST_STREAM") return [piece("error code", frame.error_code ?? number(9, 4), "why the stream ends", 9, 13)];
  if (frame.kind !== "GOAWAY") return [];
  return [
    piece("last stream", number(9, 4), "later ones were not looked at", 9, 13),
    piece("error code", frame.error_code ?? number(13, 4), "why the connection ends", 13, 17),
    ...(bytes.length > 17 ? [piece("reason", new TextDecoder().decode(bytes.slice(17)), "for people", 17, bytes.length)] : []),
  ];
}

function settingPieces(frame, bytes, number, piece) {
  const names = ["", "HEADER_TABLE_SIZE", "ENABLE_PUSH", "MAX_CONCURRENT_STREAMS", "INITIAL_WINDOW_SIZE", "MAX_FRAME_SIZE", "MAX_HEADER_LIST_SIZE"];
  const pieces = [];
  for (let at = HEAD; at + 6 <= bytes.length; at += 6) {
    const setting = number(at, 2);
    pieces.push(piece(names[setting] ?? `setting ${setting}`, number(at + 2, 4).toLocaleString("en"), "number in 2 bytes, value in 4", at, at + 6));
  }
  return pieces;
}
