// The panel beside the picture: one event, opened down to its bytes, and on the server's side what it made true.
// Read next: controls.js.

const ACROSS_WIDE = 16;
const ACROSS_NARROW = 8;
const BYTES_WIDE_FROM = 544;

class Panel {
  /** @param {Recording} recording @param {(event: Event_) => void} goTo @param {() => void} onClose */
  constructor(recording, goTo, onClose) {
    this.recording = recording;
    this.goTo = goTo;
    this.onClose = onClose;
    this.element = byId("panel");
    this.element.addEventListener("keydown", (key) => {
      if (key.key === "Escape") this.close();
    });
  }

  /** @param {Row} row */
  open(row) {
    const { event } = row;
    this.element.hidden = false;
    document.body.classList.add("opened");
    this.fit();
    const call = this.recording.calls.get(event.call);
    this.element.replaceChildren(
      this.head(row, call),
      this.wire(event) ?? "",
      this.headers(event) ?? "",
      call?.entries.length ? drawEntries(row.entries ?? call.entries) : row.entries ? drawEntries(row.entries) : "",
      call ? this.callStory(call, event) : "",
      this.facts(event) ?? "",
    );
    this.element.scrollTop = 0;
    history.replaceState(null, "", `#n=${event.n}`);
  }

  /** As high as what is seen beside the picture: the page scrolls under it. */
  fit() {
    if (this.element.hidden) return;
    const top = Math.max(byId("work").getBoundingClientRect().top, byId("bar").offsetHeight);
    this.element.style.setProperty("--seen", `${innerHeight - top}px`);
  }

  close() {
    if (this.element.hidden) return;
    this.element.hidden = true;
    document.body.classList.remove("opened");
    history.replaceState(null, "", location.pathname);
    this.onClose();
  }

  head(row, call) {
    const { event } = row;
    const close = el("button.close", { type: "button", "aria-label": "Close (Esc)", title: "Close (Esc)" }, "✕");
    close.addEventListener("click", () => this.close());
    const conn = this.recording.conns.get(event.conn);
    const facts = [`${milliseconds(event.t * 1000)} ms`, conn?.label, event.stream && `stream ${event.stream}`, call && `call ${call.call}`];
    const kicker = { call_begin: "a call begins", call_end: "a call ends", message: "a message", body: "a body, which is no gRPC", frame: "a frame", entry: "an entry of the journal" }[event.event] ?? event.event;
    return el("header.panel-head", {}, el("p.kicker", {}, kicker), el("h2", { id: "panel-title" }, this.title(row)), el("p.facts", {}, ...facts.filter(Boolean).map((fact) => el("span", {}, fact))), this.fate(event) ?? "", close);
  }

  title(row) {
    const { event } = row;
    if (row.kind === "arrow") return event.event === "call_begin" ? shortName(event.method) : arrowWords(event).head;
    return row.kind === "frame" ? event.kind : rowWords(row);
  }

  /** Where it went, where that is worth saying. */
  fate(event) {
    if (event.wrong) return el("p.fate", {}, / not (HTTP\/2|gRPC)$/.test(event.wrong) ? `${event.wrong}.` : `It can't be read whole: ${event.wrong}.`);
    if (event.passed === false) return el("p.fate", {}, `It left the ${senderOf(event)}, and was swallowed on the way: the other side never saw it.`);
    if (endedByCut(event)) return el("p.fate", {}, "No answer came: the line was cut. The client can't know whether the call was done.");
    return null;
  }

  wire(event) {
    const anatomy = anatomyOf(event, this.recording);
    if (!anatomy) return null;
    const bytes = new Bytes(anatomy, this.element.clientWidth >= BYTES_WIDE_FROM ? ACROSS_WIDE : ACROSS_NARROW);
    const note = anatomy.note && el("p.quiet", {}, anatomy.note);
    return el("section.wire", {}, el("h3", {}, "On the wire"), strip(anatomy), note, bytes.tree, el("div.bytes", {}, bytes.hex, bytes.caption));
  }

  headers(event) {
    const frame = event.event === "frame" ? event : event.event === "call_begin" ? this.recording.byN.get(event.frame) : null;
    if (event.event === "call_end") return el("div", {}, listing("Headers of the answer", event.metadata), listing("Trailers", event.trailers));
    return listing("Headers", frame?.headers ?? event.metadata);
  }

  /** All that belongs to the call, one behind the other. */
  callStory(call, current) {
    const events = [call.begin, ...call.messages, call.end].filter(Boolean);
    const shown = events.slice(0, 30);
    const items = shown.map((event) => {
      const words = arrowWords(event);
      const button = el("button.link", { type: "button", "aria-current": event === current ? "true" : null }, el("b", {}, words.head), el("span.quiet", {}, ` ${milliseconds(event.t * 1000)} ms`));
      button.addEventListener("click", () => this.goTo(event));
      return el("li", {}, button);
    });
    const rest = events.length - shown.length;
    const title = `Call ${call.call}${call.begin ? ` · ${String(call.begin.method).replace(/^\//, "")}` : ""}`;
    return el("section", {}, el("h3", {}, title), el("ol.story-of-call", {}, items), rest > 0 && el("p.quiet", {}, `and ${count(rest, "message")} more`), details(call.end));
  }

  facts(event) {
    if (event.event === "body") return event.text && el("section", {}, el("h3", {}, "Its text"), el("pre.printed", {}, event.text));
    if (["message", "call_begin", "call_end", "frame", "entry"].includes(event.event)) return null;
    const pairs = Object.entries(event).filter(([name]) => !["event", "n", "t"].includes(name)).map(([name, value]) => [name, plain(value)]);
    return el("section", {}, el("h3", {}, "As it is recorded"), table(pairs));
  }
}

const listing = (title, pairs) => (pairs?.length ? el("section", {}, el("h3", {}, title), table(pairs)) : null);

const table = (pairs) => el("table.pairs", {}, el("tbody", {}, pairs.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, plain(value))))));

/** What a refusal says beside its status. */
function details(end) {
  return (end?.details ?? []).map((detail) => el("div.detail", {}, el("h4", {}, shortName(detail.type)), table(Object.entries(detail).filter(([name]) => name !== "type"))));
}

/** How much of what was sent is frame, prefix and message. */
function strip({ roles }) {
  const counts = new Array(ROLES.length).fill(0);
  for (const block of roles) for (const role of block) counts[role] += 1;
  const [other, head, prefix, ...message] = counts;
  const sums = new Map([["head", head], ["prefix", prefix], ["value", other + message.reduce((sum, part) => sum + part, 0)]]);
  const names = { head: "HTTP/2", prefix: "gRPC", value: sums.get("prefix") ? "message" : "payload" };
  const parts = [...sums].filter(([, sum]) => sum).map(([kind, sum]) => el(`span.${kind}`, { style: { "flex-grow": Math.sqrt(sum) } }, `${names[kind]} `, el("b", {}, `${sum.toLocaleString("en")} B`)));
  return el("p.strip", {}, ...parts);
}
