// The rows of the picture, from top to bottom: what each shows, in which words, and what is red.
//
// An entry of the journal stands where it was made: behind the last thing that the server was sent for it.
// Read next: layout.js, then picture.js.

/**
 * @typedef {{kind: "arrow"|"frame"|"mark"|"say"|"terminal"|"chip"|"conn", event: Event_, t: number, red: boolean,
 *   strange: boolean, live: Conn[], server: "up"|"down"|"frozen", entries?: Event_[], printed?: Event_[], inVain?: boolean, words?: string}} Row
 */

const ENTRIES_APART_MAX = 3;
const KINDS = {
  open: "conn", close: "conn", frame: "frame", call_begin: "arrow", message: "arrow", body: "arrow", call_end: "arrow",
  fault: "mark", server: "mark", verdict: "mark", say: "say", belief: "chip", truth: "chip", check: "chip",
};
const SERVER_STATES = {
  started: "up", ready: "up", thawed: "up", killed: "down", stopped: "down", frozen: "frozen",
};

/** @param {Recording} recording @returns {Row[]} */
function rowsOf(recording) {
  const rows = [];
  let live = [];
  const closed = new Set();
  const told = new Set();
  let server = "up";
  for (const event of recording.events) {
    const conn = recording.conns.get(event.conn);
    if (event.event === "close") closed.add(conn);
    else if (conn && !closed.has(conn) && !live.includes(conn)) live = [...live, conn];
    if (event.event === "server") server = SERVER_STATES[event.what] ?? server;
    const kind = KINDS[event.event];
    if (isPrinted(event) && continues(rows.at(-1), event)) rows.at(-1).printed.push(event);
    else if (kind) {
      // A connection that came to nothing is one row, not two.
      const inVain = event.event === "close" && rows.at(-1)?.event.event === "open" && rows.at(-1).event.conn === event.conn;
      if (inVain) rows.pop();
      rows.push({ kind: isPrinted(event) ? "terminal" : kind, event, t: event.t, red: isRed(event, conn), strange: isStrange(event, told), live, server, printed: [event], inVain });
    }
    for (const entries of entriesAt(recording, event)) {
      rows.push({ kind: "chip", event: entries[0], t: event.t, red: false, live, server, entries });
    }
    if (event.event === "close") live = live.filter((other) => other !== conn);
  }
  return rows;
}

/** What is no gRPC is shown without being asked for; of bytes that are no frames, the first of each side. */
function isStrange(event, told) {
  if (event.event !== "frame" || !Object.hasOwn(event, "wrong")) return false;
  const side = `${event.conn} ${event.from}`;
  if (event.kind === "RAW" && told.has(side)) return false;
  if (event.kind === "RAW") told.add(side);
  return true;
}

/** A command and what it prints come line by line, each said by who ran it. */
const isPrinted = (event) => event.event === "say" && Boolean(event.who) && /^(\$ |  )/.test(event.text);
const continues = (row, event) => row?.kind === "terminal" && row.event.who === event.who && !event.text.startsWith("$ ");

/** The entries that are shown behind an event: each of its own, or where they are many, all as one. */
function entriesAt(recording, event) {
  if (event.event === "entry" && !recording.calls.get(event.call)?.last) return [[event]];
  const call = recording.calls.get(event.call);
  if (!call || call.last !== event || !call.entries.length) return [];
  return call.entries.length > ENTRIES_APART_MAX ? [call.entries] : call.entries.map((entry) => [entry]);
}

function isRed(event, conn) {
  switch (event.event) {
    case "fault": return true;
    case "server": return SERVER_STATES[event.what] !== "up" && event.what !== "stopped";
    case "check": return event.right === false;
    case "verdict": return event.kept === false;
    case "belief": return doubtful(event);
    case "call_end": return event.status !== "OK" || event.passed === false;
    case "body": return true;
    case "close": return event.by === "tap" && !conn?.byTap;
    default: return event.passed === false;
  }
}

/** From which side to which an arrow goes; "tap" is the middle. */
function direction(recording, event) {
  const sender = senderOf(event);
  const byTap = recording.conns.get(event.conn)?.byTap ?? false;
  const client = byTap ? "tap" : "client";
  if (sender === "server") return { from: "server", to: event.passed === false ? "tap" : client };
  const from = sender === "tap" ? "tap" : client;
  return { from, to: event.passed === false ? "tap" : "server" };
}

function senderOf(event) {
  if (event.event === "call_begin") return event.from ?? "client";
  if (event.event !== "call_end") return event.from;
  return event.by === "client" ? "client" : "server";
}

/** Whether a call's end was seen by nobody: there is no arrow for what never came. */
const endedByCut = (event) => event.event === "call_end" && (event.by === "cut" || event.by === "tap");

/** The words on an arrow: what it is, and what is in it. @returns {{head: string, rest: string, size: string}} */
function arrowWords(event) {
  if (event.event === "call_begin") {
    const limits = [event.kind === "?" ? "" : String(event.kind).replace("_", " "), event.timeout_s ? `${roughly(event.timeout_s)} to answer` : "no deadline"];
    return { head: shortName(event.method), rest: limits.filter(Boolean).join(" · "), size: `call ${event.call}` };
  }
  if (event.event === "message") {
    return { head: shortName(event.type) || "message", rest: summary(event.fields), size: `${event.length.toLocaleString("en")} B` };
  }
  if (event.event === "body") {
    return { head: event.type || "body", rest: cut((event.text ?? "").replace(/\s+/g, " "), 160), size: `${event.length.toLocaleString("en")} B` };
  }
  const how = { client: "given up by the client", tap: "cut by the tap", cut: "cut" }[event.by];
  return { head: event.status ?? "no status", rest: [how, event.text].filter(Boolean).join(" · "), size: event.ms == null ? "" : duration(event.ms) };
}

/** What a frame says, in few words. */
function frameWords(event) {
  const facts = [...(event.flags ?? [])];
  if (event.settings && !facts.includes("ACK")) facts.push(...Object.entries(event.settings).map(([name, value]) => `${name} ${value}`));
  if (event.increment != null) facts.push(`+${event.increment.toLocaleString("en")}`);
  if (event.error_code != null) facts.push(String(event.error_code));
  if (event.ping) facts.push(event.ping);
  if (event.wrong) facts.unshift(event.wrong);
  return { head: event.kind, rest: facts.join(" · "), size: event.stream ? `stream ${event.stream} · ${event.length.toLocaleString("en")} B` : `${event.length.toLocaleString("en")} B` };
}

const MARKS = {
  started: "The server is started", killed: "The server is killed", frozen: "The server is frozen",
  thawed: "The server goes on", stopped: "The server is stopped", ready: "The server is ready",
};

/** The words of a mark, a chip or a narrative. */
function rowWords(row) {
  const { event } = row;
  switch (event.event) {
    case "fault": return event.what && event.text && !event.text.includes(event.what) ? `${event.what}: ${event.text}` : event.text || event.what;
    case "server": return serverWords(event);
    case "verdict": return event.text;
    case "say": return row.kind === "terminal" ? row.printed.map((line) => line.text).join("\n") : sayWords(event);
    case "open": return `opened${event.tls ? " · TLS" : ""}`;
    case "close": return [`${row.inVain ? "opened, and " : ""}closed by the ${event.by}`, event.why !== "closed" && event.why].filter(Boolean).join(" · ");
    case "belief": return `${event.client}: ${beliefWords(event)} · ${event.about}`;
    case "truth": return `${plain(event.value) || "nothing"} · ${event.about}`;
    case "check": return `${event.what}: wanted ${plain(event.wanted)}, got ${plain(event.got)}`;
    default: return entryWords(row.entries ?? [event]);
  }
}

/** "customers/42/purchases/7" is read by its end. */
const tail = (name) => String(name ?? "").split("/").slice(-2).join("/");

function serverWords({ what, text }) {
  if (/^the server/i.test(text ?? "")) return text.charAt(0).toUpperCase() + text.slice(1);
  return [MARKS[what] ?? what, text].filter(Boolean).join(" · ");
}

/** Who it is about stands before it: "till: in doubt", and "till connects" where it goes on as a sentence. */
function sayWords({ who, text }) {
  if (!who || text.startsWith(who)) return text;
  return /^[a-z]+ /.test(text) ? `${who} ${text}` : `${who}: ${text}`;
}

function entryWords(entries) {
  const [first] = entries;
  if (entries.length === 1) return [`revision ${first.revision}`, first.stage_change && `now ${stageWord(first.stage_change.to_stage)}`, tail(first.name)].filter(Boolean).join(" · ");
  return `revisions ${first.revision} to ${entries[entries.length - 1].revision} · ${count(entries.length, "entry").replace("entrys", "entries")}`;
}

/** All that can be searched for in a row, in lower case; made when it is first asked for. */
function searchable(row, recording) {
  if (row.words === undefined) {
    const { event } = row;
    const call = recording.calls.get(event.call);
    const conn = recording.conns.get(event.conn);
    const own = row.kind === "arrow" ? Object.values(arrowWords(event)) : row.kind === "frame" ? Object.values(frameWords(event)) : [rowWords(row)];
    const names = [event.what, event.about, event.who, call?.begin?.method, conn?.label, ...(event.headers ?? []).flat()];
    row.words = [...own, ...names, ...(event.metadata ?? []).flat(), ...(event.trailers ?? []).flat(), summary(event.fields, Infinity), event.event === "body" ? event.text : ""].join(" ").toLowerCase();
  }
  return row.words;
}
