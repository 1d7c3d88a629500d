// Two edits of one customer in a row: the second was made of what the first would make, so it carries the version
// that the first one got. Settled before the second is first sent, and never after. Pure.
import type { Item } from "./machine";
import { withEtag } from "./profiles";

export function chained(item: Item, others: readonly Item[]): Item {
  if (item.kind !== "edit") return item;
  const before = others
    .filter((other) => other.seq < item.seq && other.customer === item.customer && other.kind !== "purchase")
    .filter((other) => other.state === "accepted" && other.etag && (other.settledAt ?? 0) >= item.tappedAt)
    .pop();
  return before?.etag ? withEtag(item, before.etag) : item;
}
