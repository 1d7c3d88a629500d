// One line of a sale: what, how many, the price of one.
import { coinDigits, exampleOf, parseQuantity } from "../core/money";
import type { Fault } from "../core/sales";
import { SALE_RULES } from "../gen/rules";
import type { DraftLine } from "../store/database";
import { useWords, type Words } from "./hooks";
import { Icon } from "./icons";

interface Props {
  line: DraftLine;
  number: number;
  currency: string;
  faults: readonly Fault[];
  change: (part: Partial<DraftLine>) => void;
  remove: (() => void) | null;
}

/** What is wrong, and what would be right. */
export function saleFault(words: Words, { line, field, kind }: Fault, currency: string): string {
  const longest = SALE_RULES[line < 0 ? "Purchase.note" : "PurchaseLine.description"].long;
  if (kind === "fine") return words("fault_fine", { currency, n: String(coinDigits(currency)) });
  if (kind === "many") return words("fault_many", { n: String(SALE_RULES["Purchase.lines"].most) });
  if (kind === "long") return words("fault_long", { n: String(longest) });
  const example = exampleOf(currency, words.language);
  if (field === "price") return words("fault_price", { example });
  return field === "total" ? words("fault_total", { example }) : words("fault_quantity");
}

/** A quantity, one more or one less, and never below one that way. */
export function stepped(quantity: string, by: number): string {
  const whole = Number.parseInt(parseQuantity(quantity) ?? "0", 10);
  return String(Math.max(1, whole + by));
}

export function SaleLine({ line, number, currency, faults, change, remove }: Props) {
  const words = useWords();
  const n = String(number);
  const bad = (field: Fault["field"]) => faults.some((fault) => fault.field === field);
  const said = faults.map((fault) => saleFault(words, fault, currency)).join(" · ");
  return (
    <fieldset class="card line">
      <legend class="hidden">{words("sale_line", { n })}</legend>
      <div class="line-top">
        <input
          class="grow"
          aria-label={words("sale_what")}
          placeholder={words("sale_what")}
          aria-invalid={bad("text")}
          autoComplete="off"
          value={line.description}
          onInput={(event) => change({ description: event.currentTarget.value })}
        />
        {remove && (
          <button type="button" class="round" aria-label={words("sale_remove", { n })} onClick={remove}>
            <Icon name="cross" size={20} />
          </button>
        )}
      </div>
      <div class="line-bottom">
        <Stepper line={line} bad={bad("quantity")} change={change} />
        <span aria-hidden="true">×</span>
        <input
          class="price"
          inputMode="decimal"
          aria-label={words("sale_price")}
          placeholder={words("sale_price")}
          aria-invalid={bad("price")}
          autoComplete="off"
          value={line.price}
          onInput={(event) => change({ price: event.currentTarget.value })}
        />
      </div>
      {said && (
        <p class="said said-bad" role="alert">
          {said}
        </p>
      )}
    </fieldset>
  );
}

function Stepper({ line, bad, change }: { line: DraftLine; bad: boolean; change: Props["change"] }) {
  const words = useWords();
  const step = (by: number) => change({ quantity: stepped(line.quantity, by) });
  return (
    <span class="stepper">
      <button type="button" class="round" aria-label={words("sale_less")} onClick={() => step(-1)}>
        <Icon name="minus" size={20} />
      </button>
      <input
        inputMode="decimal"
        aria-label={words("sale_quantity")}
        aria-invalid={bad}
        autoComplete="off"
        value={line.quantity}
        onInput={(event) => change({ quantity: event.currentTarget.value })}
      />
      <button type="button" class="round" aria-label={words("sale_more")} onClick={() => step(1)}>
        <Icon name="plus" size={20} />
      </button>
    </span>
  );
}
