// The outbox: what needs somebody, what is on its way, what is recorded. Nothing that was tapped is ever hidden.
import type { Item } from "../core/machine";
import { isActive } from "../core/machine";
import { useApp, useRead, useWords } from "./hooks";
import { OutboxItem } from "./outbox_item";
import { Freshness, Screen } from "./parts";

const DONE_SHOWN = 50;

export function OutboxPage() {
  const app = useApp();
  const words = useWords();
  const items = useRead(() => app.outbox.all(), ["outbox"], []);
  if (!items) return <Screen title={words("outbox_title")} children={null} />;
  const attention = items.filter((item) => item.attention !== null);
  const moving = items.filter(isActive);
  const done = items.filter((item) => item.state === "accepted" && item.attention === null).reverse();
  return (
    <Screen title={words("outbox_title")} beside={<Freshness />}>
      <Group title={words("outbox_attention")} items={attention} />
      <Group title={words("outbox_moving")} items={moving}>
        <button type="button" class="quiet" onClick={() => app.tryNow()}>
          {words("outbox_now")}
        </button>
      </Group>
      {!attention.length && !moving.length && (
        <p class="empty">
          <strong>{words("outbox_empty")}</strong>
          <br />
          {words("outbox_empty_more")}
        </p>
      )}
      <Group title={words("outbox_done")} items={done.slice(0, DONE_SHOWN)} />
    </Screen>
  );
}

function Group(props: { title: string; items: readonly Item[]; children?: preact.ComponentChildren }) {
  if (!props.items.length) return null;
  return (
    <section>
      <div class="group-head">
        <h2>{props.title}</h2>
        {props.children}
      </div>
      <ul class="list">
        {props.items.map((item) => (
          <li key={item.seq}>
            <OutboxItem item={item} />
          </li>
        ))}
      </ul>
    </section>
  );
}
