// How long to wait before asking again: exponential with full jitter, bounded.

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** A random pause after so many failures; `chance` gives numbers from 0 up to 1. */
export function pauseMs(failures: number, chance: () => number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(Math.max(failures - 1, 0), 20));
  // Never at once: a tenth of a second lets the network come back to itself.
  return Math.round(100 + chance() * longest);
}

/** Wait so long, or until told to stop. */
export function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
