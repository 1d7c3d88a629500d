// Segments: saved questions about customers, with what is done for those whom they find; and who that is now.
// Of members only the names are kept: who they are is in the copy, and goes with it.
import { create } from "@bufbuild/protobuf";
import { useState } from "preact/hooks";
import type { App } from "../../app";
import { type AnswerRow, membersOf, SEGMENTS } from "../../core/answers";
import { CustomerSchema } from "../../gen/clientela/v1/customers_pb";
import {
  type ListSegmentMembersResponse,
  ListSegmentMembersResponseSchema,
  ListSegmentsResponseSchema,
  type Segment,
} from "../../gen/clientela/v1/segments_pb";
import { listMembers, listSegments } from "../../wire/segments";
import type { Told } from "../../wire/told";
import { CustomerRowLink } from "../customers";
import { useApp, useRead, useWords } from "../hooks";
import { Icon } from "../icons";
import { Screen } from "../parts";
import { idOf } from "../reads";
import { Age, extend, NotYet, type Question, Turned, useAnswer } from "./answer";

const PAGE = 50;
const MOST = 1000;

const ofSegments: Question<typeof ListSegmentsResponseSchema> = {
  key: SEGMENTS,
  schema: ListSegmentsResponseSchema,
  ask: listSegments,
};

export function Segments() {
  const words = useWords();
  const answer = useAnswer(ofSegments);
  const { row, message } = answer ?? {};
  return (
    <Screen title={words("segments_title")} back="customers" beside={row && message && <Age row={row} />}>
      {answer && <Turned answer={answer} />}
      {message && <SegmentList segments={message.segments} />}
      {answer && !message && <NotYet answer={answer} />}
    </Screen>
  );
}

function SegmentList({ segments }: { segments: readonly Segment[] }) {
  const words = useWords();
  if (!segments.length) {
    return (
      <div class="empty">
        <p>{words("segments_none")}</p>
        <p>{words("segments_none_more")}</p>
      </div>
    );
  }
  return (
    <ul class="list">
      {segments.map(({ name, displayName, strategy, filter }) => (
        <li key={name}>
          <a class="row" href={`#/segments/${idOf(name)}`}>
            <span class="row-text">
              <strong>{displayName}</strong>
              {strategy && <small>{strategy}</small>}
              <code class="filter">{filter}</code>
            </span>
            <Icon name="next" size={18} />
          </a>
        </li>
      ))}
    </ul>
  );
}

function ofMembers(app: App, segment: string): Question<typeof ListSegmentMembersResponseSchema> {
  return {
    key: membersOf(segment),
    schema: ListSegmentMembersResponseSchema,
    // As many as were seen already, so that nobody who is looked at disappears.
    ask: async (transport, before) => {
      const many = Math.min(Math.max(before?.customers.length ?? 0, PAGE), MOST);
      return namesOnly(app, await listMembers(transport, segment, many));
    },
  };
}

/** The customers into the copy, their names into the answer. */
async function namesOnly(
  app: App,
  { message, asOf }: Told<ListSegmentMembersResponse>,
): Promise<Told<ListSegmentMembersResponse>> {
  const customers = message.customers.map((customer) => ({ customer, asOf }));
  await app.copy.keep({ customers, purchases: [] });
  message.customers = message.customers.map(({ name }) => create(CustomerSchema, { name }));
  return { message, asOf };
}

export function Members({ id }: { id: string }) {
  const app = useApp();
  const words = useWords();
  const question = ofMembers(app, `segments/${id}`);
  const segments = useAnswer(ofSegments);
  const answer = useAnswer(question);
  const segment = segments?.message?.segments.find(({ name }) => name === `segments/${id}`);
  const gone = segments?.message && !segment && !answer?.message;
  const { row, message, refused } = answer ?? {};
  return (
    <Screen title={segment?.displayName ?? words("segments_title")} back="segments">
      {segment && <About segment={segment} />}
      {answer && <Turned answer={answer} />}
      {row && message && <MemberList question={question} row={row} message={message} />}
      {gone && refused && <p class="empty">{words("segment_gone")}</p>}
      {answer && !message && !(gone && refused) && <NotYet answer={answer} />}
    </Screen>
  );
}

function About({ segment }: { segment: Segment }) {
  const words = useWords();
  return (
    <section class="card">
      {segment.strategy && (
        <>
          <h3 class="first">{words("segment_strategy")}</h3>
          <p>{segment.strategy}</p>
        </>
      )}
      <h3 class={segment.strategy ? "" : "first"}>{words("segment_filter")}</h3>
      <code class="filter">{segment.filter}</code>
    </section>
  );
}

function MemberList(props: {
  question: Question<typeof ListSegmentMembersResponseSchema>;
  row: AnswerRow;
  message: ListSegmentMembersResponse;
}) {
  const app = useApp();
  const words = useWords();
  const { customers, nextPageToken } = props.message;
  const names = customers.map(({ name }) => name);
  const rows = useRead(() => app.copy.rows(names), ["copy"], [names.join()]);
  if (!rows) return null;
  const many = words.count(nextPageToken ? "members_first" : "members", rows.length);
  return (
    <>
      <div class="heading apart">
        <h2>{names.length ? many : words("segment_empty")}</h2>
        <Age row={props.row} />
      </div>
      <ul class="list">
        {rows.map((customer) => (
          <li key={customer.name}>
            <CustomerRowLink row={customer} href={`#/customers/${idOf(customer.name)}`} />
          </li>
        ))}
      </ul>
      {nextPageToken && <More question={props.question} />}
    </>
  );
}

function More({ question }: { question: Question<typeof ListSegmentMembersResponseSchema> }) {
  const app = useApp();
  const words = useWords();
  const [state, setState] = useState<"" | "busy" | "unreached">("");
  const more = async (seen: ListSegmentMembersResponse): Promise<ListSegmentMembersResponse> => {
    if (!seen.nextPageToken) return seen;
    const segment = question.key.split("/").slice(0, 2).join("/");
    const page = await listMembers(app.transport, segment, PAGE, seen.nextPageToken);
    const { message } = await namesOnly(app, page);
    // One that moved meanwhile would be there twice.
    const names = new Set(message.customers.map(({ name }) => name));
    message.customers.unshift(...seen.customers.filter(({ name }) => !names.has(name)));
    return message;
  };
  const tap = () => {
    setState("busy");
    extend(app, question, more).then(
      () => setState(""),
      () => setState("unreached"),
    );
  };
  return (
    <>
      {state === "unreached" && <p class="notice">{words("segment_unreached")}</p>}
      <p class="more">
        <button type="button" class="small" disabled={state === "busy"} onClick={tap}>
          {words("segment_more")}
        </button>
      </p>
    </>
  );
}
