// What happened to a customer, and who did it: asked of the server, and asked again when the feed tells of a change.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Change } from "../gen/clientela/v1/feed_pb";
import type { Key } from "../texts";
import { useApp, useRead, useWords } from "./hooks";

const HAPPENED: Readonly<Record<string, Key>> = {
  CreateCustomer: "history_created",
  UpdateCustomer: "history_updated",
  DeleteCustomer: "history_deleted",
  UndeleteCustomer: "history_undeleted",
  EraseCustomer: "history_erased",
  // By time, or by what became of others.
  server: "history_stage",
};

export function History({ name }: { name: string }) {
  const app = useApp();
  const words = useWords();
  const read = async () => (await app.api.history(name).catch(() => null)) ?? "unreached";
  const version = useRead(async () => (await app.copy.customer(name))?.customer.etag ?? "", ["copy"], [name]);
  const changes = useRead(read, [], [name, version]);
  if (changes === undefined) return null;
  if (changes === "unreached") return <p class="empty">{words("history_offline")}</p>;
  return (
    <ol class="list">
      {[...changes].reverse().map((change) => (
        <li key={String(change.revision)} class="row">
          <Happened change={change} />
        </li>
      ))}
    </ol>
  );
}

function Happened({ change }: { change: Change }) {
  const words = useWords();
  const method = change.method.split(".").pop() ?? "";
  const facts = { actor: change.actor, revision: String(change.revision) };
  return (
    <span class="row-text">
      <strong>{words(HAPPENED[method] ?? "history_updated")}</strong>
      <small>
        {change.commitTime && words.moment(timestampMs(change.commitTime))} · {words("history_by", facts)}
      </small>
    </span>
  );
}
