// A long list of rows of one height, of which only those in sight and a few around them are in the page.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import "../../styles/windowed-list.css";

interface WindowedListProps<T> {
  items: readonly T[];
  label: string;
  rowPx: number;
  keyOf: (item: T) => number;
  row: (item: T, at: number) => ComponentChildren;
  /** The end comes near. */
  onEnd: () => void;
  /** Another list begins at its top. */
  question: string;
  /** What stands below the last row. */
  children?: ComponentChildren;
}

/** Rows beyond those in sight, so that Tab and a flick of the finger find some. */
const AROUND_COUNT = 6;
/** The next page is asked for so many rows before the end. */
const AHEAD_COUNT = 15;
const GUESSED_PX = 600;

export function WindowedList<T>(props: WindowedListProps<T>) {
  const { items, label, rowPx, keyOf, row, onEnd, question, children } = props;
  const view = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ top: 0, height: GUESSED_PX });
  const first = Math.max(0, Math.floor(sight.top / rowPx) - AROUND_COUNT);
  const last = Math.min(items.length, Math.ceil((sight.top + sight.height) / rowPx) + AROUND_COUNT);

  const look = (): void => {
    const place = view.current;
    if (place) setSight({ top: place.scrollTop, height: place.clientHeight || GUESSED_PX });
  };
  useEffect(() => {
    const observer = new ResizeObserver(look);
    if (view.current) observer.observe(view.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (view.current) view.current.scrollTop = 0;
    look();
  }, [question]);
  const isNearEnd = last + AHEAD_COUNT >= items.length;
  useEffect(() => {
    if (isNearEnd) onEnd();
  }, [isNearEnd, items.length, question]);

  return (
    <div ref={view} class="windowed" onScroll={look}>
      <ul class="windowed-rows" aria-label={label} style={{ height: `${items.length * rowPx}px` }}>
        {items.slice(first, last).map((item, index) => (
          <li
            key={keyOf(item)}
            class="windowed-row"
            aria-setsize={items.length}
            aria-posinset={first + index + 1}
            style={{ top: `${(first + index) * rowPx}px`, height: `${rowPx}px` }}
          >
            {row(item, first + index)}
          </li>
        ))}
      </ul>
      {children}
    </div>
  );
}
