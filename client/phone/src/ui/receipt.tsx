// What became of the sale that was just tapped: it changes as the truth becomes known.
import { useRef } from "preact/hooks";
import type { Item } from "../core/machine";
import { showCash } from "../core/money";
import { cashOf } from "../core/sales";
import { useApp, useRead, useWords } from "./hooks";
import { Icon } from "./icons";
import { Actions } from "./outbox_item";
import { Screen, STATE_KEYS, useMeaning } from "./parts";
import { idOf } from "./reads";

export function Receipt({ requestId }: { requestId: string }) {
  const app = useApp();
  const words = useWords();
  const seq = useRef(0);
  const read = async () => {
    // Where it was refused and put right, the write that took its place.
    const item = (await app.outbox.byRequest(requestId)) ?? (await app.outbox.get(seq.current));
    seq.current = item?.seq ?? 0;
    return item ?? null;
  };
  const item = useRead(read, ["outbox"], [requestId]);
  if (!item) {
    const gone = item === null && <p class="empty">{words("receipt_gone")}</p>;
    return <Screen title={words("receipt_title")}>{gone}</Screen>;
  }
  const foot = (
    <>
      <a class="button button-second" href={`#/sale/${idOf(item.customer)}`}>
        {words("receipt_same", { name: item.title })}
      </a>
      <a class="button" href="#/sale">
        {words("receipt_another")}
      </a>
    </>
  );
  return (
    <Screen title={words("receipt_title")} back={`customers/${idOf(item.customer)}`} foot={foot}>
      <Slip item={item} />
    </Screen>
  );
}

function Slip({ item }: { item: Item }) {
  const words = useWords();
  const meaning = useMeaning(item);
  const cash = cashOf(item);
  const tone = item.attention === "restored" ? "refused" : item.state;
  return (
    <section class={`slip slip-${tone}`} data-state={item.state}>
      <span class="slip-mark">
        <Icon name={tone} size={44} />
      </span>
      <p class="slip-amount">{cash && showCash(cash, words.language)}</p>
      <p>{item.title}</p>
      <p class="slip-state" role="status">
        <strong>{words(STATE_KEYS[item.state])}</strong>
        <span>{meaning}</span>
      </p>
      {item.attention && (
        <div class="slip-help">
          <Actions item={item} />
        </div>
      )}
    </section>
  );
}
