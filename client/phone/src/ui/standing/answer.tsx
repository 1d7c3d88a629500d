// An answer of the server on a screen: what was seen last is shown at once, with its age. Where that is not the
// present it is asked for anew: the feed told of a change, some minutes passed, the network comes back, or the phone
// speaks another language. What is not answered is asked again, more and more rarely.
import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { useEffect, useState } from "preact/hooks";
import type { App } from "../../app";
import { type AnswerRow, isOld, isPresent } from "../../core/answers";
import { pauseMs, rest } from "../../core/backoff";
import { provesNotDone } from "../../core/outcomes";
import type { Language } from "../../texts";
import { failedBy } from "../../wire/faults";
import type { Told } from "../../wire/told";
import { useApp, useOnline, useRead, useTicks, useTopic, useWords } from "../hooks";

export interface Question<S extends DescMessage> {
  readonly key: string;
  readonly schema: S;
  ask(transport: Transport, before: MessageShape<S> | null): Promise<Told<MessageShape<S>>>;
}

/** `message` is null where it was never seen; then `refused` holds what the server said to it, if it did. */
export interface Answered<T> {
  readonly row: AnswerRow | null;
  readonly message: T | null;
  readonly refused: string;
  /** Whether an answer may come any moment; not where none came the last time. */
  readonly asking: boolean;
}

/** What came of asking: nothing yet, an answer, a refusal, or silence. */
type Outcome = { readonly refused: string; readonly silent: boolean };
const HOPEFUL: Outcome = { refused: "", silent: false };

export function useAnswer<S extends DescMessage>(
  question: Question<S>,
): Answered<MessageShape<S>> | undefined {
  const app = useApp();
  const { language } = useWords();
  const online = useOnline();
  useTopic("session");
  useTicks(60_000);
  const { key } = question;
  const row = useRead(() => app.answers.get(key), ["copy", "answers"], [key]);
  const [outcome, setOutcome] = useState(HOPEFUL);
  const present = row && row.language === language && isPresent(row, app.live, Date.now());
  const mayAsk = online && app.session.signedIn;
  const isRead = row !== undefined;
  useEffect(() => {
    if (!isRead || present || !mayAsk) return;
    const stop = new AbortController();
    void askUntilAnswered(
      () => app.way.first(() => askOnce(app, question, language)),
      setOutcome,
      stop.signal,
    );
    return () => stop.abort();
  }, [key, isRead, present, row?.turned, mayAsk, app.live, language]);
  if (!isRead) return undefined;
  const { refused, silent } = outcome;
  return { row, message: messageOf(question, row), refused, asking: mayAsk && !refused && !silent };
}

/** Ask until there is an answer, or a refusal: only another world changes that. */
async function askUntilAnswered(
  ask: () => Promise<void>,
  tell: (outcome: Outcome) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      await ask();
      return tell(HOPEFUL);
    } catch (error) {
      const failed = failedBy(error);
      if (provesNotDone(failed)) return tell({ refused: failed.message, silent: false });
      tell({ refused: "", silent: true });
      await rest(pauseMs(failures, Math.random), signal);
    }
  }
}

async function askOnce<S extends DescMessage>(
  app: App,
  question: Question<S>,
  language: Language,
): Promise<void> {
  const { key } = question;
  await app.answers.alone(key, async () => {
    await app.answers.expect(key);
    const before = messageOf(question, await app.answers.get(key));
    await keep(app, question, await question.ask(app.transport, before), language);
  });
}

/** Add to an answer that was seen: what is here by now, not what a screen still shows. */
export async function extend<S extends DescMessage>(
  app: App,
  question: Question<S>,
  more: (seen: MessageShape<S>) => Promise<MessageShape<S>>,
): Promise<void> {
  await app.answers.alone(question.key, async () => {
    const row = await app.answers.get(question.key);
    const seen = messageOf(question, row);
    if (!row || !seen) return;
    const record = toBinary(question.schema, await more(seen));
    // All of it is no newer than what was there.
    const { asOf, language, seenAt } = row;
    await app.answers.keep(question.key, { record, asOf, language, seenAt });
    app.bus.tell("answers");
  });
}

async function keep<S extends DescMessage>(
  app: App,
  { key, schema }: Question<S>,
  { message, asOf }: Told<MessageShape<S>>,
  language: Language,
): Promise<void> {
  const record = toBinary(schema, message);
  await app.answers.keep(key, { record, asOf: asOf.toString(), language, seenAt: Date.now() });
  app.bus.tell("answers");
}

function messageOf<S extends DescMessage>(
  { schema }: Question<S>,
  row: AnswerRow | null,
): MessageShape<S> | null {
  return row?.record ? fromBinary(schema, row.record) : null;
}

/** How old an answer is: live, or as of when. */
export function Age({ row }: { row: AnswerRow }) {
  const app = useApp();
  const words = useWords();
  const online = useOnline();
  useTopic("session");
  useTicks(10_000);
  if (isPresent(row, app.live && online, Date.now())) {
    return <span class="fresh fresh-live">{words("live")}</span>;
  }
  return <span class="fresh">{words("as_of", { age: words.ago(row.seenAt) })}</span>;
}

/** What stands in an answer's place before there is one. */
export function NotYet({ answer }: { answer: Answered<unknown> }) {
  const words = useWords();
  if (answer.refused) return <p class="empty">{answer.refused}</p>;
  if (answer.asking) return <p class="empty">{words("standing_reading")}</p>;
  return (
    <div class="empty">
      <strong>{words("standing_none")}</strong>
      <p>{words("standing_none_more")}</p>
    </div>
  );
}

/** Tells that an answer is old, where it can't be asked for anew. */
export function Turned({ answer: { row, asking } }: { answer: Answered<unknown> }) {
  const words = useWords();
  if (!row?.record || !isOld(row) || asking) return null;
  return <p class="notice">{words("standing_turned")}</p>;
}
