// Elements and words: the only place that makes elements, and it makes text of whatever it is given, never markup.
// Read next: recording.js.

/**
 * Make an element: el("p.note", {title: "why"}, "text", child).
 * @param {string} what tag and classes
 * @param {Object<string, any>} [attributes] `style` is an object; what is null or false is left out
 * @param {...(Node|string|number|null|false)} children
 * @returns {any}
 */
function el(what, attributes = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "style") for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
    else if (value !== null && value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== false && child !== undefined));
  return element;
}

/** @param {string} id @returns {any} */
const byId = (id) => document.getElementById(id);

/** Times of the picture, in milliseconds: 3.214, 41.5, 1,204. */
const milliseconds = (ms) => WITH_DIGITS[ms < 10 ? 3 : ms < 100 ? 2 : ms < 1000 ? 1 : 0].format(ms);

/** Formats are dear to make, so there is one for each number of digits. */
const WITH_DIGITS = [0, 1, 2, 3].map((digits) => new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }));

/** A span of time in words: 0.9 ms, 340 ms, 1.2 s. */
function duration(ms) {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms >= 10 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

/** 1 byte, 2,048 bytes. */
const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

/** "/clientela.v1.PurchaseService/RecordPurchase" is long; the last part is what people say. */
const shortName = (name) => String(name ?? "").split(/[./]/).pop();

/** A value as people write it: texts as they are, the rest as JSON. */
function plain(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** At most `length` characters, with … where some were left out. */
const cut = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
