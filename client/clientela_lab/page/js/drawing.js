// One row's elements: the lines of life behind it, and on them an arrow, a mark, a chip or a narrative.
// Read next: panel.js.

/** @param {Row|Gap} row @param {Recording} recording @param {Columns} columns */
function drawRow(row, recording, columns) {
  const element = el(`div.row.of-${row.kind}`, {}, ...lifelines(row, recording, columns));
  if (row.kind === "gap") {
    element.append(el("span.gap-words", { style: { left: `${columns.time}px` } }, `${duration(row.ms)} later`));
    return element;
  }
  element.classList.toggle("red", row.red);
  element.classList.add(`is-${row.event.event}`);
  if (row.event.event !== "entry") element.append(el("span.time", { style: { width: `${columns.time - 12}px` } }, milliseconds(row.t * 1000)));
  element.append(...DRAW[row.kind](row, recording, columns));
  return element;
}

const DRAW = { arrow: drawArrow, frame: drawArrow, mark: drawMark, say: drawSay, terminal: drawPrinted, chip: drawChip, conn: drawConn };

const span = (left, width) => ({ left: `${left}px`, width: `${width}px` });
const laneX = (conn, columns) => (conn?.byTap ? columns.tap : columns.lanes[Math.min(conn?.lane ?? 0, columns.lanes.length - 1)]);
const hue = (conn) => `c${conn?.colour ?? 0}`;

function lifelines(row, recording, columns) {
  const own = row.event?.conn;
  const lines = row.live.map((conn) => {
    const half = conn.conn === own && { open: "from-here", close: "to-here" }[row.event.event];
    return el(`i.life.${hue(conn)}${half ? `.${half}` : ""}`, { style: { left: `${laneX(conn, columns)}px` } });
  });
  lines.push(el(`i.life.server.${row.server}`, { style: { left: `${columns.server}px` } }));
  return lines;
}

function drawArrow(row, recording, columns) {
  const { event } = row;
  const conn = recording.conns.get(event.conn);
  const x = { client: laneX(conn, columns), tap: columns.tap, server: columns.server };
  const way = direction(recording, event);
  const words = row.kind === "frame" ? frameWords(event) : arrowWords(event);
  const left = Math.min(x[way.from], x[way.to]);
  const width = Math.abs(x[way.to] - x[way.from]);
  const elements = [arrowLabel(event, conn, words, labelSpan(x, columns))];
  if (endedByCut(event)) elements.push(el("span.ended", { style: { left: `${columns.tap}px` } }, "✗"));
  else {
    const side = x[way.to] > x[way.from] ? "right" : "left";
    elements.push(el(`i.shaft.${side}.${hue(conn)}`, { style: span(left, width) }));
    if (event.passed === false) elements.push(el("span.ended", { style: { left: `${columns.tap}px` } }, "✗"));
  }
  return elements;
}

/** The words stand between client and server, wherever the arrow ends. */
function labelSpan(x, columns) {
  const left = columns.lanes[columns.lanes.length - 1] + 14;
  return span(left, columns.server - left - 14);
}

function arrowLabel(event, conn, words, style) {
  const name = event.event === "call_end" ? el(`span.status.${event.status === "OK" ? "ok" : "bad"}`, {}, words.head) : el("b", {}, words.head);
  return el(`span.label.${hue(conn)}`, { style }, name, words.rest && el("span.rest", {}, words.rest), words.size && el("span.size", {}, words.size));
}

const SIGNS = { fault: "⚡", killed: "✗", frozen: "❄", stopped: "■", started: "▷", ready: "▶", thawed: "▶" };

function drawMark(row, recording, columns) {
  const { event } = row;
  const sign = event.event === "verdict" ? (event.kept ? "✓" : "✗") : SIGNS[event.event === "fault" ? "fault" : event.what] ?? "•";
  const good = !row.red && event.event === "verdict";
  return [el(`span.band${good ? ".good" : ""}`, { style: { left: `${columns.time}px` } }, el("i.sign", { "aria-hidden": "true" }, sign), el("span", {}, rowWords(row)))];
}

function drawSay(row, recording, columns) {
  const left = columns.lanes[columns.lanes.length - 1] + 16;
  const words = sayWords(row.event);
  const who = row.event.who && words.startsWith(row.event.who) ? row.event.who : "";
  return [el("p.story", { style: span(left, sayWidth(columns)) }, who && el("b", {}, who), words.slice(who.length))];
}

/** What was typed, and what was printed. */
function drawPrinted(row, recording, columns) {
  const left = columns.lanes[columns.lanes.length - 1] + 16;
  const lines = row.printed.map(({ text }) => el(`span${text.startsWith("$ ") ? ".typed" : ""}`, {}, text.replace(/^ {2}/, "")));
  return [el("pre.printed", { style: { left: `${left}px`, "max-width": `${columns.server - left - 16}px` } }, ...lines)];
}

function drawChip(row, recording, columns) {
  const { event } = row;
  const atServer = event.event === "entry" || event.event === "truth";
  if (event.event === "check") return [chip(row, { left: `${columns.time}px` })];
  if (!atServer) return [chip(row, { left: `${columns.lanes[0] + 10}px` })];
  if (columns.wide) return [chip(row, { left: `${columns.server + 14}px`, "max-width": `${columns.width - columns.server - 20}px` }), dot(columns)];
  return [chip(row, { right: `${columns.width - columns.server + 12}px`, "max-width": `${columns.server - columns.time - 24}px` }), dot(columns)];
}

const dot = (columns) => el("i.dot", { style: { left: `${columns.server}px` } });

function chip(row, style) {
  const { event } = row;
  const sign = event.event === "check" ? (event.right ? "✓ " : "✗ ") : "";
  return el(`span.chip.${event.event}`, { style }, sign && el("i", { "aria-hidden": "true" }, sign), rowWords(row));
}

function drawConn(row, recording, columns) {
  const conn = recording.conns.get(row.event.conn);
  const x = laneX(conn, columns);
  const words = [el("b", {}, conn.label), ` ${rowWords(row)}`];
  const sign = row.event.event === "open" ? "○" : row.event.by === "tap" ? "✗" : "●";
  return [
    el(`i.knot.${hue(conn)}`, { style: { left: `${x}px` }, "aria-hidden": "true" }, sign),
    el(`span.conn-words.${hue(conn)}`, { style: { left: `${columns.lanes[columns.lanes.length - 1] + 14}px` } }, ...words),
  ];
}

/** The names over the lines of life. */
function drawHeads(element, recording, columns) {
  const clients = new Set([...recording.conns.values()].map((conn) => conn.client).filter(Boolean));
  const name = clients.size === 1 ? [...clients][0] : recording.conns.size > 1 ? "clients" : "client";
  element.replaceChildren(
    el("span.unit", { style: { width: `${columns.time - 12}px` } }, "ms"),
    el("b.at-client", { style: { left: `${columns.lanes[0]}px` } }, name),
    el("span.at-tap", { style: { left: `${columns.tap}px` } }, "the wire"),
    el("b.at-server", { style: { left: `${columns.server}px` } }, "server"),
  );
}

/** A row as a sentence, for who listens. */
function spoken(row, recording) {
  const { event } = row;
  const time = `${milliseconds(row.t * 1000)} ms`;
  const conn = recording.conns.get(event.conn)?.label;
  if (row.kind !== "arrow" && row.kind !== "frame") return [time, conn, row.red && "trouble", rowWords(row)].filter(Boolean).join(", ");
  const words = row.kind === "frame" ? frameWords(event) : arrowWords(event);
  const way = direction(recording, event);
  const lost = event.passed === false ? "swallowed on the wire" : "";
  const went = endedByCut(event) ? "never arrived" : `${way.from} to ${event.passed === false ? "nobody" : way.to}`;
  return [time, conn, went, words.head, words.rest, words.size, lost].filter(Boolean).join(", ");
}
