// One write of the outbox: what it is, in what state, and what can be done about it.
import { type Item, isActive, isUnsent } from "../core/machine";
import { showCash } from "../core/money";
import { cashOf } from "../core/sales";
import { useActions } from "./actions";
import { useApp, useSure, useTicks, useWords } from "./hooks";
import { Chip, useMeaning } from "./parts";

export function OutboxItem({ item }: { item: Item }) {
  const words = useWords();
  const meaning = useMeaning(item);
  const { also } = useActions(item);
  const cash = cashOf(item);
  return (
    <article class="item" data-request={item.requestId}>
      <div class="item-head">
        <span class="row-text">
          <strong>{item.title}</strong>
          <small>
            {words(`kind_${item.kind}`)} · {words.moment(item.tappedAt)}
          </small>
        </span>
        <span class="item-side">
          {cash && <span class="money">{showCash(cash, words.language)}</span>}
          <Chip item={item} />
        </span>
      </div>
      {(item.state !== "accepted" || item.attention) && also && <p class="item-means">{meaning}</p>}
      <Next item={item} />
      <Actions item={item} />
      <Details item={item} />
    </article>
  );
}

function Next({ item }: { item: Item }) {
  const words = useWords();
  useTicks(1000);
  if (!isActive(item) || item.state !== "doubt" || item.notBefore <= Date.now()) return null;
  return <small>{words("outbox_again", { age: words.ago(item.notBefore) })}</small>;
}

export function Actions({ item }: { item: Item }) {
  const app = useApp();
  const words = useWords();
  const { hint, actions } = useActions(item);
  const [sure, discard] = useSure(() => void app.discard(item.seq));
  const removable = item.attention !== null || isUnsent(item);
  if (!removable && !actions.length) return null;
  const away = item.attention === "restored" ? "do_done" : item.attention ? "do_discard" : "do_takeback";
  return (
    <>
      {hint && <p class="item-means">{hint}</p>}
      <div class="actions">
        {actions.map(({ label, act }) => (
          <button key={label} type="button" class="small" onClick={act}>
            {label}
          </button>
        ))}
        {removable && (
          <button type="button" class={sure ? "small small-bad" : "small small-quiet"} onClick={discard}>
            {words(sure ? "do_discard_sure" : away)}
          </button>
        )}
      </div>
    </>
  );
}

function Details({ item }: { item: Item }) {
  const words = useWords();
  const facts: [string, string][] = [
    [words("item_request"), item.requestId],
    [words("item_attempts"), String(item.attempts)],
    [words("item_tapped"), words.moment(item.tappedAt)],
    [words("item_met"), item.refusal ? `${item.refusal.code} ${item.refusal.reason}` : item.lastError || "—"],
  ];
  return (
    <details>
      <summary>{words("item_details")}</summary>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
