// Where everything stands: each row's height and place from the top, and the columns for a given width.
//
// Heights are known without drawing: only texts that wrap are measured. So ten thousand rows cost no more than
// the few that are seen.
// Read next: picture.js.

/** @typedef {{kind: "gap", ms: number, live: Conn[], server: string}} Gap */
/** @typedef {{rows: (Row|Gap)[], top: Float64Array, height: number}} Layout */
/** @typedef {{width: number, wide: boolean, time: number, lanes: number[], tap: number, server: number}} Columns */

const PRINTED_LINE = 19;
const PRINTED_MARGIN = 24;
const HEIGHTS = { arrow: 42, frame: 26, mark: 44, chip: 34, conn: 28, gap: 30 };
const SAY_LINE = 24;
const SAY_MARGIN = 22;
const SAY_INDENT = 20;
const GAP_MS = 100;
const WIDE = 760;
// Names stand in bold, which is wider than what is measured.
const WIDER = 1.05;

/** @param {number} width of the picture @param {number} lanes how many are used @returns {Columns} */
function columnsFor(width, lanes) {
  const wide = width >= WIDE;
  const time = wide ? 76 : 46;
  const step = wide ? 24 : 14;
  const first = time + (wide ? 22 : 12);
  const server = width - (wide ? Math.min(250, width * 0.24) : 14);
  const xs = Array.from({ length: Math.max(1, lanes) }, (_, lane) => first + lane * step);
  return { width, wide, time, lanes: xs, tap: Math.round((xs[xs.length - 1] + server) / 2), server: Math.round(server) };
}

/**
 * Place the rows, with a gap where time passed and nothing happened.
 * @param {Row[]} rows @param {Columns} columns @param {(text: string) => number} textWidth @returns {Layout}
 */
function place(rows, columns, textWidth) {
  const placed = [];
  rows.forEach((row, at) => {
    const ms = at ? (row.t - rows[at - 1].t) * 1000 : 0;
    if (ms >= GAP_MS) placed.push(gapBefore(row, rows[at - 1], ms));
    placed.push(row);
  });
  const top = new Float64Array(placed.length + 1);
  placed.forEach((row, at) => { top[at + 1] = top[at] + heightOf(row, columns, textWidth); });
  return { rows: placed, top, height: top[placed.length] };
}

/** While nothing happened, the lines of life went on as they were. @returns {Gap} */
function gapBefore(row, earlier, ms) {
  const live = row.event.event === "open" ? row.live.filter((conn) => conn.conn !== row.event.conn) : row.live;
  return { kind: "gap", ms, live, server: earlier.server };
}

function heightOf(row, columns, textWidth) {
  if (row.kind === "terminal") return row.printed.length * PRINTED_LINE + PRINTED_MARGIN;
  if (row.kind !== "say") return HEIGHTS[row.kind];
  return linesOf(row.event, sayWidth(columns) - SAY_INDENT, textWidth) * SAY_LINE + SAY_MARGIN;
}

/** How wide a narrative may be: as wide as is read with ease. */
const sayWidth = (columns) => Math.min(640, columns.server - columns.lanes[columns.lanes.length - 1] - 32);

function linesOf(event, width, textWidth) {
  const words = sayWords(event).split(/\s+/);
  let lines = 1;
  let used = 0;
  for (const word of words) {
    const length = textWidth(`${word} `) * WIDER;
    if (used && used + length > width) {
      lines += 1;
      used = 0;
    }
    // A word longer than a line is broken.
    lines += Math.max(0, Math.ceil(length / width) - 1);
    used = (used + length) % width;
  }
  return lines;
}

/** The row at a height: the last that begins at or above it. */
function rowAt(layout, y) {
  let low = 0;
  let high = layout.rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (layout.top[middle] <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A measure of texts in the font of an element. */
function measure(element) {
  const context = document.createElement("canvas").getContext("2d");
  const style = getComputedStyle(element);
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  return (text) => context.measureText(text).width;
}
