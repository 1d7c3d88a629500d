// What a screen remembers of itself, in its entry of the browser's history: what was typed, and how far it was
// scrolled. So it is there again on the way back and after a reload; who comes anew finds a new screen.

interface Place {
  /** The screen that led here. */
  readonly from?: string;
  readonly top?: number;
  readonly typed?: unknown;
}

/** Browsers take a few such writes a second, not one a key. */
const WRITTEN_MS = 250;
const RESTORED_MS = 5_000;

let unwritten: Partial<Place> = {};
let timer: ReturnType<typeof setTimeout> | undefined;
let restoring = false;

export function recall<K extends keyof Place>(key: K): Place[K] {
  return { ...(history.state as Place | null), ...unwritten }[key];
}

export function remember(part: Partial<Place>): void {
  unwritten = { ...unwritten, ...part };
  timer ??= setTimeout(write, WRITTEN_MS);
}

/** In this screen's place: who led here led there. */
export function replacePlace(to: string): void {
  write();
  history.replaceState({ from: recall("from") }, "", `#${to}`);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** Back to where somebody came from, if that is `to`: it is as it was left. */
export function goesBack(to: string): boolean {
  if (recall("from") !== `#/${to}`) return false;
  write();
  history.back();
  return true;
}

/** Scroll to where the screen was left; what it shows may be yet to come. */
export function restoreTop(): () => void {
  const top = recall("top") ?? 0;
  scrollTo(0, top);
  restoring = top > 0;
  if (!top) return () => {};
  const grown = new ResizeObserver(() => {
    scrollTo(0, top);
    if (scrollY >= top - 1) stop();
  });
  const stop = () => {
    restoring = false;
    grown.disconnect();
    removeEventListener("pointerdown", stop);
    removeEventListener("wheel", stop);
  };
  grown.observe(document.body);
  addEventListener("pointerdown", stop);
  addEventListener("wheel", stop);
  setTimeout(stop, RESTORED_MS);
  return stop;
}

/** From the beginning, before any screen hears of a change of place. */
export function watchPlaces(): void {
  history.scrollRestoration = "manual";
  addEventListener("hashchange", (event) => {
    clear();
    // What the old screen leaves behind scrolls by itself.
    restoring = true;
    if (!history.state) history.replaceState({ from: new URL(event.oldURL).hash }, "");
  });
  addEventListener("scroll", () => !restoring && remember({ top: scrollY }), { passive: true });
  // A tap on a link leaves this entry as it is then.
  addEventListener("click", write, { capture: true });
  addEventListener("pagehide", write);
}

function write(): void {
  if (Object.keys(unwritten).length) history.replaceState({ ...history.state, ...unwritten }, "");
  clear();
}

function clear(): void {
  clearTimeout(timer);
  timer = undefined;
  unwritten = {};
}
