// The picture: only the rows that are near the window are in the document, however long the recording is.
//
// It is one listbox to a keyboard: the box has the focus, and tells which row is meant.
// Read next: drawing.js (a row's elements), controls.js (what is shown).

const BEYOND = 500;

class Picture {
  /** @param {Recording} recording @param {Row[]} rows @param {(row: Row) => void} onOpen */
  constructor(recording, rows, onOpen) {
    this.recording = recording;
    this.all = rows;
    this.onOpen = onOpen;
    this.box = byId("rows");
    this.shown = new Map();
    this.visible = rows;
    /** @type {Row|null} */
    this.active = null;
    this.opened = null;
    this.lanes = Math.max(1, ...[...recording.conns.values()].filter((conn) => !conn.byTap).map((conn) => conn.lane + 1));
    this.box.addEventListener("click", (click) => this.clicked(click));
    this.box.addEventListener("keydown", (key) => this.keyed(key));
    addEventListener("scroll", () => this.soon(), { passive: true });
    new ResizeObserver(() => this.relayout()).observe(this.box);
  }

  /** Show these rows, and keep the row that was at the top of the window where it was. */
  show(visible) {
    this.visible = visible;
    if (this.active && !visible.includes(this.active)) this.active = null;
    this.relayout(true);
  }

  relayout(anew = false) {
    const width = this.box.clientWidth;
    if (!width || (!anew && this.columns?.width === width)) return;
    const held = this.layout && this.heldRow();
    this.columns = columnsFor(width, this.lanes);
    this.layout = place(this.visible, this.columns, measure(byId("say-font")));
    this.places = new Map(this.layout.rows.map((row, at) => [row, at]));
    this.box.style.height = `${this.layout.height}px`;
    byId("picture").classList.toggle("wide", this.columns.wide);
    drawHeads(byId("heads"), this.recording, this.columns);
    for (const element of this.shown.values()) element.remove();
    this.shown.clear();
    if (held && this.places.has(held.row)) scrollBy(0, this.layout.top[this.places.get(held.row)] - held.y);
    this.draw();
    this.onLayout?.();
  }

  /** The row that a reader looks at, and how high it stands. */
  heldRow() {
    const row = this.opened ?? this.active ?? this.layout.rows[rowAt(this.layout, this.scrolled())];
    const at = this.places.get(row);
    return at === undefined ? null : { row, y: this.layout.top[at] };
  }

  /** How far the window is down in the picture. */
  scrolled() {
    return -this.box.getBoundingClientRect().top;
  }

  soon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  /** Bring into the document what is near the window, and take out what is not. */
  draw() {
    if (!this.layout) return;
    const { rows } = this.layout;
    const y = this.scrolled();
    const from = rows.length ? rowAt(this.layout, Math.max(0, y - BEYOND)) : 0;
    const to = rows.length ? rowAt(this.layout, Math.max(0, y + innerHeight + BEYOND)) : -1;
    const wanted = new Set(rows.slice(from, this.printing ? rows.length : to + 1));
    if (this.active && this.places.has(this.active)) wanted.add(this.active);
    for (const [row, element] of this.shown) {
      if (wanted.has(row)) continue;
      element.remove();
      this.shown.delete(row);
    }
    const fresh = [...wanted].filter((row) => !this.shown.has(row));
    this.box.append(...fresh.map((row) => this.element(row)));
    this.mark();
    this.onScroll?.(y);
  }

  element(row) {
    const at = this.places.get(row);
    const element = drawRow(row, this.recording, this.columns);
    element.style.setProperty("top", `${this.layout.top[at]}px`);
    element.style.setProperty("height", `${this.layout.top[at + 1] - this.layout.top[at]}px`);
    if (row.kind === "gap") element.setAttribute("role", "presentation");
    else {
      element.id = `row-${this.all.indexOf(row)}`;
      element.setAttribute("role", "option");
      element.setAttribute("aria-setsize", this.visible.length);
      element.setAttribute("aria-posinset", this.visible.indexOf(row) + 1);
      element.setAttribute("aria-label", spoken(row, this.recording));
    }
    this.shown.set(row, element);
    return element;
  }

  /** Say which row is meant, and which is open. */
  mark() {
    for (const [row, element] of this.shown) {
      element.classList.toggle("active", row === this.active);
      if (row.kind !== "gap") element.setAttribute("aria-selected", String(row === (this.opened ?? this.active)));
    }
    const active = this.active && this.shown.get(this.active);
    if (active) this.box.setAttribute("aria-activedescendant", active.id);
    else this.box.removeAttribute("aria-activedescendant");
  }

  clicked(click) {
    const element = click.target.closest("[role=option]");
    if (!element || getSelection()?.toString()) return;
    const row = [...this.shown].find(([, shown]) => shown === element)?.[0];
    if (row) this.open(row);
  }

  open(row) {
    this.active = row;
    this.opened = row;
    this.mark();
    this.onOpen(row);
  }

  /** Mean a row, and bring it into the window. */
  goTo(row) {
    this.active = row;
    const at = this.places.get(row);
    const y = this.layout.top[at] - this.scrolled();
    const head = byId("bar").getBoundingClientRect().bottom + 34;
    const low = innerHeight - (this.layout.top[at + 1] - this.layout.top[at]) - 24;
    if (y < head || y > low) scrollBy(0, y < head - innerHeight || y > low + innerHeight / 2 ? y - innerHeight / 2.5 : y < head ? y - head : y - low);
    this.draw();
  }

  keyed(key) {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 12, PageUp: -12, Home: -Infinity, End: Infinity }[key.key];
    if (step !== undefined && !key.ctrlKey && !key.metaKey && !key.altKey) {
      key.preventDefault();
      this.step(step);
    } else if ((key.key === "Enter" || key.key === " ") && this.active) {
      key.preventDefault();
      this.open(this.active);
      byId("panel").focus();
    }
  }

  step(by) {
    if (!this.visible.length) return;
    const here = this.active ? this.visible.indexOf(this.active) : by > 0 ? -1 : this.visible.length;
    const there = Math.max(0, Math.min(this.visible.length - 1, here + by));
    this.goTo(this.visible[there]);
    if (this.opened) this.open(this.visible[there]);
  }

  /** Go on to what is red, from the row that is meant; round and round. */
  nextRed(by) {
    const { length } = this.visible;
    const here = this.active ? this.visible.indexOf(this.active) : by > 0 ? -1 : length;
    for (let steps = 1; steps <= length; steps += 1) {
      const row = this.visible[(((here + by * steps) % length) + length) % length];
      if (!row.red) continue;
      this.goTo(row);
      if (this.opened) this.open(row);
      return;
    }
  }
}
