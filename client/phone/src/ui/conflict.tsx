// Two versions of one customer, side by side: whoever edited decides, field by field, what holds.
import { useState } from "preact/hooks";
import type { App } from "../app";
import { newRequestId } from "../core/ids";
import type { Item } from "../core/machine";
import {
  differing,
  edited,
  editOf,
  FIELDS,
  type Field as FieldName,
  type Profile,
  profileOf,
} from "../core/profiles";
import type { Customer } from "../gen/clientela/v1/customers_pb";
import { fromHere, useApp, useRead, useWords } from "./hooks";
import { Screen } from "./parts";

interface Both {
  readonly item: Item;
  readonly theirs: Customer;
  /** When it was read, where the server could not be asked now. */
  readonly readAt: number | null;
}

async function both(app: App, seq: number): Promise<Both | null> {
  const item = (await app.outbox.all()).find((each) => each.seq === seq);
  if (!item) return null;
  try {
    return { item, theirs: (await app.api.customer(item.customer)).customer, readAt: null };
  } catch {
    const [known, cursor] = await Promise.all([app.copy.customer(item.customer), app.copy.cursor()]);
    return known && { item, theirs: known.customer, readAt: cursor?.syncedAt ?? 0 };
  }
}

export function Conflict({ seq }: { seq: number }) {
  const app = useApp();
  const words = useWords();
  const found = useRead(() => both(app, seq), [], [seq]);
  if (!found) {
    return (
      <Screen title={words("conflict_title")} back="outbox">
        <p class="empty">{found === undefined && words("conflict_reading")}</p>
      </Screen>
    );
  }
  const theirs = profileOf(found.theirs);
  const mine = edited(theirs, found.item);
  return <SideBySide found={found} theirs={theirs} mine={mine} fields={differing(mine, theirs)} />;
}

interface Sides {
  found: Both;
  theirs: Profile;
  mine: Profile;
  fields: readonly FieldName[];
}

function SideBySide({ found, theirs, mine, fields }: Sides) {
  const app = useApp();
  const words = useWords();
  const { item, readAt } = found;
  const [taken, setTaken] = useState<ReadonlySet<FieldName>>(new Set(fields));
  const take = (field: FieldName, isMine: boolean) =>
    setTaken((now) => new Set(FIELDS.filter((each) => (each === field ? isMine : now.has(each)))));
  const save = async () => {
    const goOn = fromHere();
    const result = { ...theirs, ...Object.fromEntries([...taken].map((field) => [field, mine[field]])) };
    if (taken.size) await app.replace(item.seq, editOf(found.theirs, result, newRequestId(), Date.now()));
    else await app.discard(item.seq);
    goOn(`/${item.customer}`);
  };
  const foot = (
    <button type="button" class="button" onClick={save}>
      {words(taken.size ? "conflict_save" : "conflict_keep")}
    </button>
  );
  return (
    <Screen title={words("conflict_title")} back="outbox" foot={foot}>
      <p class="lead">
        {fields.length ? words("conflict_lead", { name: theirs.displayName }) : words("conflict_same")}
        {readAt !== null && ` ${words("conflict_unreached", { age: words.ago(readAt) })}`}
      </p>
      {fields.map((field) => (
        <Row key={field} field={field} mine={mine} theirs={theirs} isMine={taken.has(field)} take={take} />
      ))}
    </Screen>
  );
}

function Row(
  props: Omit<Sides, "found" | "fields"> & {
    field: FieldName;
    isMine: boolean;
    take: (field: FieldName, isMine: boolean) => void;
  },
) {
  const words = useWords();
  const { field, mine, theirs, isMine, take } = props;
  const side = (label: string, value: string, chosen: boolean, pick: boolean) => (
    <label class={chosen ? "side on" : "side"}>
      <input type="radio" name={field} checked={chosen} onChange={() => take(field, pick)} />
      <small>{label}</small>
      <span>{value || <i>{words("conflict_empty")}</i>}</span>
    </label>
  );
  return (
    <fieldset class="sides">
      <legend>{words(`field_${field}`)}</legend>
      {side(words("conflict_mine"), mine[field], isMine, true)}
      {side(words("conflict_theirs"), theirs[field], !isMine, false)}
    </fieldset>
  );
}
