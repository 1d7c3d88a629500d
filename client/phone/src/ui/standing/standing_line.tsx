// A customer's standing in one line: the stage, and what else it is. It leads to the reasons.
import { standingOf } from "../../core/answers";
import { kindsOf, stageOf } from "../../core/findings";
import { type Standing, StandingSchema } from "../../gen/clientela/v1/standing_pb";
import { getStanding } from "../../wire/standing";
import { useWords } from "../hooks";
import { Icon } from "../icons";
import { idOf } from "../reads";
import { type Question, useAnswer } from "./answer";
import { nameOf, StageChip } from "./labels";

export function ofStanding(customer: string): Question<typeof StandingSchema> {
  return {
    key: standingOf(customer),
    schema: StandingSchema,
    ask: (transport) => getStanding(transport, customer),
  };
}

export function StandingLine({ name }: { name: string }) {
  const words = useWords();
  const answer = useAnswer(ofStanding(name));
  const standing = answer?.message;
  const none = answer && (answer.refused || words(answer.asking ? "standing_reading" : "standing_none"));
  return (
    <a class="row standing-line" href={`#/customers/${idOf(name)}/standing`}>
      {standing ? (
        <Said standing={standing} />
      ) : (
        <span class="row-text">
          <strong>{words("standing_title")}</strong>
          <small>{none}</small>
        </span>
      )}
      <Icon name="next" size={18} />
    </a>
  );
}

function Said({ standing }: { standing: Standing }) {
  const words = useWords();
  // In a line the two that come in one word each, in all languages.
  const kinds = kindsOf(standing).map((kind) => (/^B2./.test(kind) ? kind : nameOf(words, kind)));
  return (
    <>
      <span class="hidden">{words("standing_title")}</span>
      <StageChip stage={stageOf(standing)} />
      <small class="row-text">
        <span>{kinds.join(" · ")}</span>
      </small>
    </>
  );
}
