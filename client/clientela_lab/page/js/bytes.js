// Bytes as numbers and as text, each of them tied to the node of the tree that it belongs to, in both directions.
// Read next: panel.js.

const BYTES_FIRST = 2048;

/** The tree and the bytes of one anatomy, which light up together. */
class Bytes {
  /** @param {Anatomy} anatomy @param {number} across how many bytes stand in a line */
  constructor(anatomy, across) {
    this.anatomy = anatomy;
    this.across = across;
    this.current = -1;
    this.cursor = { block: 0, at: 0 };
    this.caption = el("p.caption", { "aria-live": "polite" });
    this.tree = el("div.tree", { role: "tree", "aria-label": "Frame, prefix and fields" }, this.groups());
    this.items = [...this.tree.querySelectorAll("[data-node]")];
    this.hex = el("div.hex", { role: "group", tabindex: "0", style: { "--across": across }, "aria-label": "Bytes; the arrow keys go from one to the next" });
    anatomy.blocks.forEach((_, block) => this.hex.append(this.block(block)));
    this.listen();
    this.caption.append("Point at a field or at a byte, or walk with the arrow keys.");
  }

  /** A group for each frame, prefix and message: the first two stand in one line each. */
  groups() {
    const groups = [];
    for (const node of this.anatomy.nodes) {
      if (node.depth === 0) groups.push(el(`div.group.${node.kind}`, { role: "presentation" }));
      groups[groups.length - 1].append(this.treeItem(node));
    }
    return groups;
  }

  treeItem(node) {
    const parent = this.anatomy.nodes[node.id + 1]?.depth > node.depth;
    return el(
      `div.node.${node.kind}${parent ? ".parent" : ""}`,
      { role: "treeitem", tabindex: node.id ? "-1" : "0", "aria-level": node.depth + 1, "data-node": node.id, style: { "--depth": node.depth } },
      el("span.name", {}, node.name), node.value && el("span.value", {}, cut(node.value, 400)),
    );
  }

  block(block, limit = BYTES_FIRST) {
    const { bytes, title, frame } = this.anatomy.blocks[block];
    const end = Math.min(bytes.length, limit);
    const lines = [];
    for (let at = 0; at < end; at += this.across) lines.push(this.line(block, at, Math.min(end, at + this.across)));
    const section = el("div.block", {}, el("h4", {}, [title, frame.kind, count(bytes.length, "byte")].filter(Boolean).join(" · ")), ...lines);
    if (end < bytes.length) section.append(this.more(section, block, limit * 4, bytes.length - end));
    return section;
  }

  more(section, block, limit, left) {
    const button = el("button.more", { type: "button" }, `Show more of the ${count(left, "byte")} that follow`);
    button.addEventListener("click", () => {
      section.replaceWith(this.block(block, limit));
      if (this.current >= 0) this.light(this.current);
    });
    return button;
  }

  line(block, from, to) {
    const { bytes } = this.anatomy.blocks[block];
    const cells = (write) => Array.from({ length: to - from }, (_, step) => this.cell(block, from + step, write(bytes[from + step])));
    const number = cells((byte) => byte.toString(16).padStart(2, "0"));
    const text = cells((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·"));
    return el("div.line", {}, el("span.offset", {}, from.toString(16).padStart(4, "0")), el("span.numbers", {}, ...number), el("span.text", { "aria-hidden": "true" }, ...text));
  }

  cell(block, at, words) {
    const role = this.anatomy.roles[block][at] || "other";
    return el(`i.${role}`, { "data-block": block, "data-at": at, "data-node": this.anatomy.owners[block][at] }, words);
  }

  listen() {
    for (const box of [this.tree, this.hex]) {
      box.addEventListener("mouseover", (event) => this.pointed(event.target.closest("[data-node]")));
      box.addEventListener("click", (event) => this.pointed(event.target.closest("[data-node]")));
    }
    this.tree.addEventListener("focusin", (event) => this.pointed(event.target.closest("[data-node]")));
    this.tree.addEventListener("keydown", (key) => this.walkTree(key));
    this.hex.addEventListener("keydown", (key) => this.walkBytes(key));
    this.hex.addEventListener("focus", () => this.pointed(this.cellAt()));
  }

  /** Something of the tree or of the bytes is pointed at. */
  pointed(element) {
    if (!element) return;
    const { node, block, at } = element.dataset;
    this.light(Number(node), at === undefined ? null : { block: Number(block), at: Number(at) });
  }

  /** Light a node up: its bytes, itself, and more faintly what it is within. */
  light(id, cursor = null) {
    this.current = id;
    const node = this.anatomy.nodes[id];
    const path = this.path(id);
    for (const item of this.items) {
      const own = Number(item.dataset.node);
      item.classList.toggle("on", own === id);
      item.classList.toggle("within", own !== id && path.includes(own));
    }
    const ranges = node?.ranges ?? [];
    for (const cell of this.hex.querySelectorAll("i")) {
      const { block, at } = cell.dataset;
      cell.classList.toggle("on", ranges.some((range) => range.block === Number(block) && range.from <= Number(at) && Number(at) < range.to));
      cell.classList.toggle("cursor", Boolean(cursor) && cursor.block === Number(block) && cursor.at === Number(at));
    }
    if (cursor) this.cursor = cursor;
    else if (ranges.length) this.cursor = { block: ranges[0].block, at: ranges[0].from };
    this.caption.replaceChildren(...this.captionWords(node, cursor));
  }

  /** A node and all that it is within. */
  path(id) {
    const { nodes } = this.anatomy;
    const path = [];
    for (let at = id, depth = Infinity; at >= 0; at -= 1) {
      if (nodes[at] && nodes[at].depth < depth) {
        path.push(at);
        depth = nodes[at].depth;
      }
    }
    return path;
  }

  captionWords(node, cursor) {
    if (!node) return ["This byte belongs to another message."];
    const words = [el("b", {}, node.name), ` ${node.note}`];
    if (!cursor) return words;
    const { bytes } = this.anatomy.blocks[cursor.block];
    const part = { tag: "tag", length: "length" }[this.anatomy.roles[cursor.block][cursor.at]];
    const byte = `byte ${cursor.at}: ${bytes[cursor.at].toString(16).padStart(2, "0")}${part ? `, the ${part}` : ""} of `;
    return [byte, ...words];
  }

  walkTree(key) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[key.key];
    if (step === undefined) return;
    key.preventDefault();
    const { items } = this;
    const here = items.indexOf(document.activeElement);
    const there = items[Math.max(0, Math.min(items.length - 1, here + step))];
    for (const item of items) item.tabIndex = item === there ? 0 : -1;
    there.focus();
  }

  walkBytes(key) {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.across, ArrowUp: -this.across, Home: -Infinity, End: Infinity }[key.key];
    if (step === undefined) return;
    key.preventDefault();
    const cells = [...this.hex.querySelectorAll(".numbers i")];
    const here = cells.indexOf(this.cellAt());
    const there = cells[Math.max(0, Math.min(cells.length - 1, here + step))];
    this.pointed(there);
    there?.scrollIntoView({ block: "nearest" });
  }

  cellAt() {
    return this.hex.querySelector(`.numbers i[data-block="${this.cursor.block}"][data-at="${this.cursor.at}"]`);
  }
}
