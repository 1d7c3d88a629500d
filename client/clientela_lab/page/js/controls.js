// What is shown, and how to get about: the filter, the frames' switch, the way to the next red row, the overview.
// Read next: main.js.

class Controls {
  /** @param {Recording} recording @param {Row[]} rows @param {Picture} picture */
  constructor(recording, rows, picture) {
    Object.assign(this, { recording, rows, picture });
    this.fill("method", [...new Set([...recording.calls.values()].map((call) => call.begin?.method).filter(Boolean))].map((method) => [method, shortName(method)]));
    this.fill("connection", [...recording.conns.values()].map((conn) => [String(conn.conn), conn.label]));
    for (const id of ["text", "method", "connection", "frames"]) byId(id).addEventListener("input", () => this.apply());
    byId("next-red").addEventListener("click", () => this.next(1));
    byId("clear").addEventListener("click", () => this.clear());
    addEventListener("keydown", (key) => this.keyed(key));
    byId("text").addEventListener("focus", () => readySearch(rows, recording), { once: true });
    this.apply();
  }

  fill(id, options) {
    byId(id).append(...options.map(([value, words]) => el("option", { value }, words)));
    byId(id).closest("label").hidden = options.length < 2;
  }

  apply() {
    const wanted = { text: byId("text").value.trim().toLowerCase(), method: byId("method").value, connection: byId("connection").value, frames: byId("frames").checked };
    const shown = this.rows.filter((row) => this.fits(row, wanted));
    const frames = this.rows.filter(isHidden).length;
    byId("frames-count").textContent = frames.toLocaleString("en");
    const reds = shown.filter((row) => row.red).length;
    byId("next-red").disabled = !reds;
    byId("red-count").textContent = reds.toLocaleString("en");
    const left = this.rows.length - (wanted.frames ? 0 : frames) - shown.length;
    byId("left-out").textContent = left ? `${left.toLocaleString("en")} rows are left out by the filter.` : "";
    byId("clear").hidden = !left;
    this.picture.show(shown);
  }

  fits(row, wanted) {
    const { event } = row;
    if (isHidden(row) && !wanted.frames) return false;
    if (wanted.connection && event.conn != null && String(event.conn) !== wanted.connection) return false;
    if (wanted.method && !this.ofMethod(row, wanted.method)) return false;
    return !wanted.text || searchable(row, this.recording).includes(wanted.text);
  }

  /** What belongs to no call stays, so that a story keeps its marks; other calls and bare frames go. */
  ofMethod(row, method) {
    const call = this.recording.calls.get(row.event.call);
    return call ? call.begin?.method === method : row.kind !== "frame";
  }

  clear() {
    byId("text").value = byId("method").value = byId("connection").value = "";
    this.apply();
    byId("text").focus();
  }

  next(by) {
    this.picture.nextRed(by);
    this.picture.box.focus({ preventScroll: true });
  }

  /** Keys that work wherever nothing is being typed. */
  keyed(key) {
    if (key.target.closest?.("input, select, dialog") || key.ctrlKey || key.metaKey || key.altKey) return;
    const deeds = {
      n: () => this.next(1), N: () => this.next(-1), "/": () => byId("text").focus(),
      f: () => byId("frames").click(), t: () => byId("theme").click(), "?": () => byId("help").click(),
      Escape: () => byId("panel").querySelector(".close")?.click(),
    };
    if (!deeds[key.key]) return;
    key.preventDefault();
    deeds[key.key]();
  }
}

/** Frames are shown when asked for; but for those that are no gRPC. */
const isHidden = (row) => row.kind === "frame" && !row.strange;

/** Make ready what can be searched while the first letter is typed: nobody reads it all who does not search. */
async function readySearch(rows, recording) {
  const slices = new Slices();
  for (const row of rows) {
    searchable(row, recording);
    if (slices.over) await slices.next();
  }
}

/** The whole recording as a strip: where calls are dense, where it is red, where the window stands. */
class Overview {
  /** @param {Picture} picture @param {Panel} panel */
  constructor(picture, panel) {
    this.picture = picture;
    this.canvas = byId("overview");
    this.view = byId("overview-view");
    picture.onLayout = () => this.paint();
    picture.onScroll = () => {
      this.follow();
      panel.fit();
    };
    byId("overview-box").addEventListener("pointerdown", (down) => this.jump(down));
    byId("overview-box").addEventListener("pointermove", (move) => move.buttons && this.jump(move));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
  }

  paint() {
    const { layout } = this.picture;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!layout || !height) return;
    Object.assign(this.canvas, { width, height });
    const context = this.canvas.getContext("2d");
    const pixel = (at) => Math.min(height - 2, Math.floor((layout.top[at] / layout.height) * height));
    for (const red of [false, true]) {
      context.fillStyle = colour(red ? "--red" : "--faint");
      const seen = new Set();
      layout.rows.forEach((row, at) => {
        const y = pixel(at);
        if (Boolean(row.red) !== red || row.kind === "gap" || seen.has(y)) return;
        seen.add(y);
        context.fillRect(red ? 0 : 3, y, red ? width : width - 6, red ? 2 : 1);
      });
    }
    this.follow();
  }

  /** Show where the window stands. */
  follow() {
    const { layout } = this.picture;
    if (!layout) return;
    const share = (y) => Math.max(0, Math.min(1, y / Math.max(1, layout.height)));
    const from = share(this.picture.scrolled());
    const to = share(this.picture.scrolled() + innerHeight);
    this.view.style.top = `${from * 100}%`;
    this.view.style.height = `${Math.max(1, (to - from) * 100)}%`;
  }

  jump(pointer) {
    const { top, height } = this.canvas.getBoundingClientRect();
    const { layout } = this.picture;
    scrollBy(0, ((pointer.clientY - top) / height) * layout.height - innerHeight / 2 - this.picture.scrolled());
  }
}

/** What a colour of the style sheet is just now, in light or dark. */
function colour(name) {
  const probe = el("span", { style: { color: `var(${name})` } });
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
