// One line of a sale: what, how many, the price of one.
import type { DraftLine } from "../store/database";
import { useWords } from "./hooks";
import { Icon } from "./icons";
import { stepped } from "./sale";

interface Props {
  line: DraftLine;
  number: number;
  faults: readonly string[];
  change: (part: Partial<DraftLine>) => void;
  remove: (() => void) | null;
}

export function SaleLine({ line, number, faults, change, remove }: Props) {
  const words = useWords();
  const n = String(number);
  const said = faults.map((field) => words(field === "price" ? "fault_price" : "fault_quantity")).join(" · ");
  return (
    <fieldset class="card line">
      <legend class="hidden">{words("sale_line", { n })}</legend>
      <div class="line-top">
        <input
          class="grow"
          aria-label={words("sale_what")}
          placeholder={words("sale_what")}
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
        <Stepper line={line} bad={faults.includes("quantity")} change={change} />
        <span aria-hidden="true">×</span>
        <input
          class="price"
          inputMode="decimal"
          aria-label={words("sale_price")}
          placeholder={words("sale_price")}
          aria-invalid={faults.includes("price")}
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
