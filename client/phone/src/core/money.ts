// Money as whole numbers: one bigint of nanos (10^-9 of a unit), never a float.
// The coin sizes and the rounding are those of the server (domain/money.py, domain/purchases.py).

const NANOS = 1_000_000_000n;
const DIGITS: Record<string, number> = {
  ...Object.fromEntries(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" ").map((c) => [c, 0]),
  ),
  ...Object.fromEntries("BHD IQD JOD KWD LYD OMR TND".split(" ").map((c) => [c, 3])),
  ...Object.fromEntries("CLF UYW".split(" ").map((c) => [c, 4])),
};

/** An amount: ISO 4217 code, and the whole value in nanos of a unit. */
export interface Cash {
  readonly currency: string;
  readonly nanos: bigint;
}

/** The shape of google.type.Money. */
interface Wire {
  currencyCode: string;
  units: bigint;
  nanos: number;
}

export function fromWire(money: Wire): Cash {
  return { currency: money.currencyCode, nanos: money.units * NANOS + BigInt(money.nanos) };
}

export function toWire(cash: Cash): Wire {
  return { currencyCode: cash.currency, units: cash.nanos / NANOS, nanos: Number(cash.nanos % NANOS) };
}

/** How many digits the smallest coin has behind the point; 2 where not listed. */
export function coinDigits(currency: string): number {
  return DIGITS[currency] ?? 2;
}

/** Read an amount as people type it: "12,50", "12.5", "1 234". Null where it is not one, or finer than a coin. */
export function parseCash(text: string, currency: string): Cash | null {
  const value = decimal(text, coinDigits(currency), 15);
  return value === null ? null : { currency, nanos: value };
}

/** Whether it is an amount, but finer than the currency's smallest coin. */
export function isTooFine(text: string, currency: string): boolean {
  return parseCash(text, currency) === null && decimal(text, 9, 15) !== null;
}

/** Whether it has room in the 64 bits that units have on the wire. */
export function isCountable(cash: Cash): boolean {
  return cash.nanos / NANOS < 2n ** 63n;
}

/** Read a quantity ("2", "0,375") as the wire wants it: at most 12 digits before and 9 behind a point. */
export function parseQuantity(text: string): string | null {
  const value = decimal(text, 9, 12);
  return value === null ? null : plain(value, 0);
}

/** What a line comes to: rounded half up to the smallest coin, or exact where the price is finer than that. */
export function lineTotal(price: Cash, quantity: string): Cash {
  const count = decimal(quantity, 9, 12) ?? 0n;
  const coin = smaller(NANOS / 10n ** BigInt(coinDigits(price.currency)), finest(price.nanos));
  const unit = coin * NANOS;
  const coins = (price.nanos * count * 2n + unit) / (unit * 2n);
  return { currency: price.currency, nanos: coins * coin };
}

export function sum(currency: string, parts: readonly Cash[]): Cash {
  return { currency, nanos: parts.reduce((total, part) => total + part.nanos, 0n) };
}

/** The amount as a plain decimal: "12.50". For fields, and for programs. */
export function plainCash(cash: Cash): string {
  return plain(cash.nanos, coinDigits(cash.currency));
}

/** The amount as people read it in their language: "12,50 €". */
export function showCash(cash: Cash, language: string): string {
  const digits = coinDigits(cash.currency);
  const format = new Intl.NumberFormat(language, {
    style: "currency",
    currency: cash.currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: 9,
  });
  // A decimal text is formatted exactly; a number would go through a float.
  return format.format(plain(cash.nanos, digits) as `${number}`);
}

/** An amount such as people might type it, with the currency's digits: "12,50", or "13" of yen. */
export function exampleOf(currency: string, language: string): string {
  const digits = coinDigits(currency);
  return new Intl.NumberFormat(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(12.5);
}

function decimal(text: string, digitsBehind: number, digitsBefore: number): bigint | null {
  const found = /^(\d+)(?:[.,](\d*))?$/.exec(text.replace(/[\s\u00a0\u202f']/g, ""));
  const [, whole = "", rest = ""] = found ?? [];
  if (!found || whole.length > digitsBefore || rest.length > digitsBehind) return null;
  return BigInt(whole) * NANOS + BigInt(rest.padEnd(9, "0"));
}

function plain(nanos: bigint, digits: number): string {
  const size = nanos < 0n ? -nanos : nanos;
  const rest = (size % NANOS).toString().padStart(9, "0").replace(/0+$/, "").padEnd(digits, "0");
  return `${nanos < 0n ? "-" : ""}${size / NANOS}${rest ? `.${rest}` : ""}`;
}

function finest(nanos: bigint): bigint {
  let step = NANOS;
  while (step > 1n && nanos % step) step /= 10n;
  return step;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
