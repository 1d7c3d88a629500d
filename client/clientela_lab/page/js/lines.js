// The embedded lines: of each event its head is read at once, and what it carries only where somebody looks.
//
// Theory: a recording is mostly payload, and a reader opens few rows of it. A line is one JSON object; where it holds
// much, a tab stands between what rows need and the rest (in JSON's texts there is no tab, it is written \t). Heads
// are parsed many at a time, in short slices, so that the page answers meanwhile.
// Read next: recording.js.

const SLICE_MS = 12;
const AT_ONCE = 400;
/** What may stand behind the tab. */
const CARRIED = [
  "after", "actor", "before", "commit_time", "compressed", "debug", "details", "error_code", "fields", "flags",
  "headers", "increment", "index", "kind", "last_stream", "length", "metadata", "method", "ms", "name", "ping",
  "raw", "request_id", "revision", "settings", "stage_change", "stream", "text", "timeout_s", "trailers", "type", "unpacked", "wrong",
];
/** How much was parsed so far, in letters. */
const parsed = { letters: 0 };

/** Let the browser draw and answer. */
const breath = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(null);
});

/** Long work in short slices: where one is over, the browser comes first. */
class Slices {
  constructor() {
    this.until = performance.now() + SLICE_MS;
  }

  get over() {
    return performance.now() > this.until;
  }

  async next() {
    await breath();
    this.until = performance.now() + SLICE_MS;
  }
}

/** An event of which the rest is read when it is asked for. */
class Lazy {}

for (const key of CARRIED) {
  Object.defineProperty(Lazy.prototype, key, {
    get() {
      return whole(this)[key];
    },
  });
}

const REST = Symbol("rest");

/** Read the rest of an event, once. */
function whole(event) {
  const rest = event[REST];
  delete event[REST];
  Object.setPrototypeOf(event, Object.prototype);
  return Object.assign(event, parse(`{${rest}`));
}

function parse(text) {
  parsed.letters += text.length;
  return JSON.parse(text);
}

/**
 * Parse the embedded lines; a line that is not whole ends the recording.
 * @param {string} text a JSON array, an event a line
 * @returns {Promise<{events: Event_[], torn: boolean}>}
 */
async function parseEvents(text) {
  const events = [];
  const slices = new Slices();
  let from = text.indexOf("[\n") + 2;
  while (from > 1 && from < text.length && text[from] !== "]") {
    const { lines, next } = someLines(text, from);
    if (!headsOf(text, lines, events)) return { events, torn: true };
    if (next === 0) return { events, torn: from < text.length && !text.trimEnd().endsWith("]") };
    from = next;
    if (slices.over) await slices.next();
  }
  return { events, torn: false };
}

/** Where the next lines begin and end, without the comma at their ends; and where it goes on, or 0. */
function someLines(text, from) {
  const lines = [];
  while (lines.length < AT_ONCE && text[from] !== "]") {
    const to = text.indexOf("\n", from);
    if (to < 0) return { lines, next: 0 };
    if (to > from) lines.push([from, text[to - 1] === "," ? to - 1 : to]);
    from = to + 1;
  }
  return { lines, next: from };
}

/** Read the heads of some lines, all at once; where that fails, one by one up to the one that is broken. */
function headsOf(text, lines, events) {
  const heads = lines.map(([from, to]) => headOf(text, from, to));
  let found = [];
  let whole = true;
  try {
    found = parse(`[${heads.map((head) => head.text).join(",")}]`);
  } catch {
    whole = false;
    for (const head of heads) {
      try {
        found.push(parse(head.text));
      } catch {
        break;
      }
    }
  }
  found.forEach((event, at) => events.push(withRest(event, heads[at].rest)));
  return whole;
}

function headOf(text, from, to) {
  const line = text.slice(from, to);
  const tab = line.indexOf("\t");
  return tab < 0 ? { text: line, rest: null } : { text: `${line.slice(0, tab - 1)}}`, rest: line.slice(tab + 1) };
}

function withRest(event, rest) {
  if (rest === null) return event;
  event[REST] = rest;
  return Object.setPrototypeOf(event, Lazy.prototype);
}
