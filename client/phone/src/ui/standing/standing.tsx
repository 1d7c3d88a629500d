// What a customer is to us, and why: the stage first, then what else holds; what does not hold is folded.

import { readable, readingOf, stageOf } from "../../core/findings";
import { isActive } from "../../core/machine";
import type { Finding, Standing } from "../../gen/clientela/v1/standing_pb";
import { useApp, useRead, useWords } from "../hooks";
import { Icon } from "../icons";
import { Screen } from "../parts";
import { type Known, knownCustomer } from "../reads";
import { Age, NotYet, Turned, useAnswer } from "./answer";
import { Reason } from "./finding";
import { nameOf, StageIcon, toneOf } from "./labels";
import { ofStanding } from "./standing_line";

export function StandingPage({ id }: { id: string }) {
  const app = useApp();
  const words = useWords();
  const name = `customers/${id}`;
  const known = useRead(() => knownCustomer(app, name), ["copy", "outbox"], [name]);
  const answer = useAnswer(ofStanding(name));
  const title = words("standing_title");
  if (known === undefined || !answer)
    return <Screen title={title} back={`customers/${id}`} children={null} />;
  const { row, message } = answer;
  return (
    <Screen title={title} back={`customers/${id}`}>
      <p class="lead apart">
        <span>{known?.profile.displayName}</span>
        {row && message && <Age row={row} />}
      </p>
      {known?.pending && <p class="notice">{words("standing_pending")}</p>}
      <Uncounted known={known} />
      <Turned answer={answer} />
      {message ? <Told standing={message} /> : !known?.pending && <NotYet answer={answer} />}
    </Screen>
  );
}

function Uncounted({ known }: { known: Known | null }) {
  const words = useWords();
  const waiting = known?.items.filter((item) => item.kind === "purchase" && isActive(item)) ?? [];
  if (!waiting.length || known?.pending) return null;
  return <p class="notice">{words("standing_uncounted")}</p>;
}

function Told({ standing }: { standing: Standing }) {
  const words = useWords();
  const { stage, held, others } = readingOf(standing);
  return (
    <>
      {stage ? <Stage finding={stage} /> : <Between standing={standing} />}
      {held.length > 0 && <h2 class="heading">{words("standing_also")}</h2>}
      {held.map((finding) => (
        <section class="card" key={finding.label} data-label={finding.label}>
          <h3 class="label">{nameOf(words, finding.label)}</h3>
          <Reason finding={finding} />
        </section>
      ))}
      <h2 class="heading">{words("standing_not")}</h2>
      <ul class="list">
        {others.map((finding) => (
          <li key={finding.label}>
            <Folded finding={finding} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Stage({ finding }: { finding: Finding }) {
  const words = useWords();
  return (
    <section class={`card stage stage-${toneOf(finding.label)}`} data-label={finding.label}>
      <h2>
        <StageIcon stage={finding.label} size={28} /> {nameOf(words, finding.label)}
      </h2>
      <Reason finding={finding} />
    </section>
  );
}

/** Between two stages nothing holds: what is told is how one of them would begin. */
function Between({ standing }: { standing: Standing }) {
  const words = useWords();
  const ways = standing.findings.filter(({ label }) => label === "REGULAR" || label === "LOST");
  if (stageOf(standing) || !standing.findings.length) return null;
  return (
    <section class={`card stage stage-${toneOf("")}`} data-label="">
      <h2>
        <StageIcon stage="" size={28} /> {words("standing_between")}
      </h2>
      <p class="reason">{words("standing_between_means")}</p>
      <div class="flip">
        <h3>
          <Icon name="next" size={16} /> {words("standing_change")}
        </h3>
        {ways.map(({ label, flipsIf }) => (
          <p key={label}>{readable(flipsIf, label, nameOf(words, label), words.language)}</p>
        ))}
      </div>
    </section>
  );
}

function Folded({ finding }: { finding: Finding }) {
  const words = useWords();
  return (
    <details class="folded" data-label={finding.label}>
      <summary>
        <span class="row-text">{nameOf(words, finding.label)}</span>
        <Icon name="next" size={18} />
      </summary>
      <Reason finding={finding} />
    </details>
  );
}
