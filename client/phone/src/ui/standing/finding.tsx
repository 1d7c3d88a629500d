// A finding as it is read: the reason, what was measured against what, and set apart what would turn it.
import { barOf, readable, showMeasured } from "../../core/findings";
import type { Finding, Measure } from "../../gen/clientela/v1/standing_pb";
import { useWords } from "../hooks";
import { Icon } from "../icons";
import { measureName, nameOf } from "./labels";

export function Reason({ finding }: { finding: Finding }) {
  const words = useWords();
  const { label, explanation, measures, flipsIf, holds } = finding;
  const said = (sentence: string) => readable(sentence, label, nameOf(words, label), words.language);
  return (
    <>
      <p class="reason">{said(explanation)}</p>
      {measures.map((measure) => (
        <Measured key={measure.name} measure={measure} />
      ))}
      {flipsIf && (
        <div class="flip">
          <h3>
            <Icon name="next" size={16} /> {words(holds ? "standing_change" : "standing_begin")}
          </h3>
          <p>{said(flipsIf)}</p>
        </div>
      )}
    </>
  );
}

function Measured({ measure }: { measure: Measure }) {
  const words = useWords();
  const { name, value, threshold, unit } = measure;
  const show = (text: string) =>
    showMeasured(text, unit, words.language) ?? words(text === "0" ? "no" : "yes");
  return (
    <div class="measured">
      <span>{measureName(words, name)}</span>
      <span>
        <strong>{show(value?.value ?? "0")}</strong>
        {threshold && unit && <small> {words("threshold", { value: show(threshold.value) })}</small>}
      </span>
      <Gauge measure={measure} />
    </div>
  );
}

/** The measure as a bar, with a mark where the threshold is. It says nothing that the words beside it do not. */
function Gauge({ measure }: { measure: Measure }) {
  const bar = barOf(measure);
  if (!bar) return null;
  return (
    <svg class="gauge" aria-hidden="true" focusable="false">
      <rect class="gauge-ground" y="4" width="100%" height="6" rx="3" />
      <rect class="gauge-value" y="4" width={`${bar.filled}%`} height="6" rx="3" />
      <line x1={`${bar.mark}%`} x2={`${bar.mark}%`} y1="0" y2="14" />
    </svg>
  );
}
