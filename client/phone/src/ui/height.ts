// How high something is that stays where it is, for what goes beside it: its text may be as large as its reader likes.
import { useLayoutEffect, useRef } from "preact/hooks";

/** Tells the height of the element that it is given to, as a property of the whole page. */
export function useHeight<T extends HTMLElement>(property: `--${string}`) {
  const element = useRef<T>(null);
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return;
    const { style } = document.documentElement;
    const tell = () => style.setProperty(property, `${current.getBoundingClientRect().height}px`);
    const watch = new ResizeObserver(tell);
    tell();
    watch.observe(current);
    return () => {
      watch.disconnect();
      style.removeProperty(property);
    };
  }, []);
  return element;
}
