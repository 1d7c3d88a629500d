// The names of labels and measures, and what a stage looks like: always an icon, a colour and a word.
import { STAGES } from "../../core/findings";
import type { Key } from "../../texts";
import type { Words } from "../hooks";
import { useWords } from "../hooks";

interface Look {
  /** Of chips, as those of writes: their colours are pairs that hold in light and dark. */
  readonly tone: string;
  readonly path: string;
}

const BETWEEN: Look = { tone: "doubt", path: "M5 12h14M9 8l-4 4 4 4M15 8l4 4-4 4" };
const LOOKS: Readonly<Record<(typeof STAGES)[number], Look>> = {
  POTENTIAL: { tone: "none", path: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 12v.1" },
  NEW: { tone: "sending", path: "M12 4v4M12 16v4M4 12h4M16 12h4M7 7l2 2M15 15l2 2M17 7l-2 2M9 15l-2 2" },
  REGULAR: {
    tone: "accepted",
    path: "M5 11a7 7 0 0 1 12-4l2 2M19 5v4h-4M19 13a7 7 0 0 1-12 4l-2-2M5 19v-4h4",
  },
  LOYAL: {
    tone: "accepted",
    path: "M12 19.500 4.900 12.600a4.300 4.300 0 0 1 6.100-6.100l1 1 1-1a4.300 4.300 0 0 1 6.100 6.100z",
  },
  LOST: { tone: "refused", path: "M14 5H6v14h8M10 12h10M16.500 8.500 20 12l-3.500 3.500" },
};

const isStage = (label: string): label is (typeof STAGES)[number] =>
  (STAGES as readonly string[]).includes(label);

export const toneOf = (stage: string): string => (isStage(stage) ? LOOKS[stage] : BETWEEN).tone;

export function StageIcon({ stage, size }: { stage: string; size: number }) {
  const { path } = isStage(stage) ? LOOKS[stage] : BETWEEN;
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={path} />
    </svg>
  );
}

/** A stage as a chip; empty: between two stages. */
export function StageChip({ stage }: { stage: string }) {
  const words = useWords();
  return (
    <span class={`chip chip-${toneOf(stage)}`} data-stage={stage}>
      <StageIcon stage={stage} size={16} />
      {stage ? nameOf(words, stage) : words("standing_between")}
    </span>
  );
}

/** The name of a label; of one that this version does not know, its code. */
export function nameOf(words: Words, label: string): string {
  return named(words, `label_${label}`) ?? label;
}

export function measureName(words: Words, measure: string): string {
  return named(words, `measure_${measure}`) ?? measure.replaceAll("_", " ");
}

function named(words: Words, key: string): string | null {
  const name = words(key as Key);
  return name === key ? null : name;
}
