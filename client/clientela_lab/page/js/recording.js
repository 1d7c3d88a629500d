// The recording: what belongs to what among its events. It looks at their heads only (lines.js).
//
// Read next: rows.js.

/**
 * @typedef {Object<string, any>} Event_ one line of a recording; docs/recordings.md lists their kinds
 * @typedef {{conn: number, label: string, colour: number, lane: number, tls: boolean, byTap: boolean}} Conn
 * @typedef {{call: number, begin: Event_|null, messages: Event_[], end: Event_|null, entries: Event_[], last: Event_|null}} Call
 * @typedef {{head: Event_|null, events: Event_[], byN: Map<number, Event_>, conns: Map<number, Conn>,
 *   calls: Map<number, Call>, carried: Map<number, Event_[]>, notices: string[]}} Recording
 */

const LANES_MAX = 6;
const COLOURS = 6;

/**
 * Find out what belongs to what.
 * @param {Event_[]} events
 * @returns {Recording}
 */
function understand(events) {
  /** @type {Recording} */
  const recording = {
    head: null, events, byN: new Map(), conns: new Map(), calls: new Map(), carried: new Map(), notices: [],
  };
  const lanes = new Lanes();
  for (const event of events) {
    recording.byN.set(event.n, event);
    // A message names its call, and so its connection.
    if (event.event === "message" || event.event === "body") event.conn ??= recording.calls.get(event.call)?.begin?.conn;
    if (event.event === "recording") recording.head ??= event;
    if (event.conn != null) connOf(recording, event, lanes);
    if (event.event === "close") lanes.free(event.conn);
    if (event.call != null) noteCall(recording, event);
    if (event.event === "message") for (const part of event.parts ?? []) noteCarried(recording, part.frame, event);
  }
  return recording;
}

/** Which lane of the picture a connection has: the leftmost that is free while it is open. */
class Lanes {
  constructor() {
    this.taken = new Map();
    this.used = 0;
  }

  take(conn) {
    const taken = new Set(this.taken.values());
    let lane = 0;
    while (taken.has(lane) && lane < LANES_MAX - 1) lane += 1;
    this.taken.set(conn, lane);
    this.used = Math.max(this.used, lane + 1);
    return lane;
  }

  free(conn) {
    this.taken.delete(conn);
  }
}

/** @returns {Conn} */
function connOf(recording, event, lanes) {
  let conn = recording.conns.get(event.conn);
  if (!conn) {
    const byTap = event.peer === "tap";
    const client = byTap ? "the tap" : "";
    conn = {
      conn: event.conn,
      label: client ? `${client} · connection ${event.conn}` : `connection ${event.conn}`,
      colour: recording.conns.size % COLOURS,
      lane: byTap ? 0 : lanes.take(event.conn),
      tls: Boolean(event.tls),
      byTap,
    };
    recording.conns.set(event.conn, conn);
  }
  return conn;
}

function noteCall(recording, event) {
  let call = recording.calls.get(event.call);
  if (!call) {
    call = { call: event.call, begin: null, messages: [], end: null, entries: [], last: null };
    recording.calls.set(event.call, call);
  }
  if (event.event === "call_begin") call.begin = event;
  if (event.event === "message" || event.event === "body") call.messages.push(event);
  if (event.event === "call_end") call.end = event;
  if (event.event === "entry") call.entries.push(event);
  // The server could not commit before the last thing that it was sent.
  if (event.event === "call_begin" || (event.event === "message" && event.from !== "server")) call.last = event;
}

function noteCarried(recording, frame, message) {
  const carried = recording.carried.get(frame);
  if (carried) carried.push(message);
  else recording.carried.set(frame, [message]);
}

/**
 * The frame that a call's end came in: the last of its stream before it.
 * @returns {Event_|null}
 */
function frameOfEnd(recording, event) {
  if (event.frame) return recording.byN.get(event.frame) ?? null;
  if (event.by === "cut" || event.by === "tap") return null;
  const { events } = recording;
  const kind = event.status == null && /^RST_STREAM/.test(event.text) ? "RST_STREAM" : "HEADERS";
  for (let at = events.indexOf(event) - 1, steps = 0; at >= 0 && steps < 50; at -= 1, steps += 1) {
    const frame = events[at];
    const fits = frame.event === "frame" && frame.conn === event.conn && frame.stream === event.stream;
    if (fits && frame.kind === kind) return frame;
  }
  return null;
}

/** What a reader should know of a recording before the picture. */
function noticesOf(recording, torn) {
  const { events, calls } = recording;
  if (!events.length || (events.length === 1 && recording.head)) return ["This recording is empty: nothing crossed the wire."];
  const notices = [];
  if (torn) notices.push("This recording is cut off: its last line is not whole, and what came after it is not here.");
  if (!recording.head) notices.push("This recording has no beginning: its first line is not here.");
  const open = [...calls.values()].filter((call) => call.begin && !call.end).length;
  if (open) notices.push(`This recording ends before ${open === 1 ? "a call does" : `${count(open, "call")} do`}: how that ended is not in it.`);
  return notices;
}
