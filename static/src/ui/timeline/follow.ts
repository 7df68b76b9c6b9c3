// Where the list stands: it follows the end, or keeps still what a person reads, whatever grows above or below.
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Anchor, anchorOf, isAtEnd, isLeaving, scrollFor, scrollTo } from "./anchor";

/** Where a list opens: at its end, or with a row in sight. */
export type Start =
  | { at: "end" }
  | { at: "row"; key: string; part: number }
  /** Where it was left. */
  | { at: "kept"; key: string; offset: number };

export interface Follow {
  scroller: { current: HTMLDivElement | null };
  content: { current: HTMLDivElement | null };
  onScroll: () => void;
  toEnd: () => void;
  toTop: () => void;
  toRow: (key: string, part: number) => boolean;
  /** The key of the first row in sight; null while the end is followed. */
  inSight: () => string | null;
  /** Set while somebody fetches page after page to get to a row: nothing of it is let go meanwhile. */
  isFetching: { current: boolean };
}

interface FollowProps {
  /** Another place is another list: it starts anew. */
  place: string;
  /** Null while nothing is there to start from. */
  start: Start | null;
  /** The list was moved, or its rows have changed. */
  onMove: (isAtEnd: boolean, fromTop: number, fromEnd: number) => void;
  /** It stands elsewhere now: with this row at its upper edge, or at its end. */
  onStand?: (where: Anchor | "end") => void;
}

export function useFollow({ place, start, onMove, onStand }: FollowProps): Follow {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const anchor = useRef<Anchor | "end">("end");
  // Where the end was when it was followed last.
  const endTop = useRef(0);
  const started = useRef<string | null>(null);
  const isFetching = useRef(false);
  const moved = useRef(onMove);
  moved.current = onMove;

  const tellMove = (): void => {
    const view = scroller.current;
    if (!view) return;
    // Hidden, as behind a thread on a phone: nothing of it is seen.
    if (view.clientHeight === 0) {
      moved.current(false, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
      return;
    }
    const fromEnd = view.scrollHeight - view.clientHeight - view.scrollTop;
    moved.current(isAtEnd(view.scrollTop, view.clientHeight, view.scrollHeight), view.scrollTop, fromEnd);
  };

  const remember = (): void => {
    const view = scroller.current;
    if (!view || view.clientHeight === 0) return;
    if (isAtEnd(view.scrollTop, view.clientHeight, view.scrollHeight)) {
      anchor.current = "end";
      endTop.current = view.scrollTop;
    } else {
      const rows = rowsOf(content.current);
      anchor.current =
        anchorOf(rows.length, (index) => measured(rows[index]!), view.scrollTop) ?? anchor.current;
    }
  };

  const settle = (): void => {
    const view = scroller.current;
    if (!view || started.current !== place) return;
    if (
      anchor.current === "end" &&
      isLeaving(view.scrollTop, view.clientHeight, view.scrollHeight, endTop.current)
    )
      remember();
    if (anchor.current === "end") {
      view.scrollTop = view.scrollHeight;
      endTop.current = view.scrollTop;
    } else {
      const row = rowOf(content.current, anchor.current.key);
      if (row) view.scrollTop = scrollFor(anchor.current, row.offsetTop);
    }
    tellMove();
  };

  const toEnd = (): void => {
    anchor.current = "end";
    endTop.current = 0;
    settle();
  };

  const toTop = (): void => {
    const view = scroller.current;
    if (!view) return;
    view.scrollTop = 0;
    remember();
    tellMove();
  };

  const toRow = (key: string, part: number): boolean => {
    const view = scroller.current;
    const row = rowOf(content.current, key);
    if (!view || !row) return false;
    view.scrollTop = scrollTo(row.offsetTop, row.offsetHeight, view.clientHeight, view.scrollHeight, part);
    remember();
    tellMove();
    return true;
  };

  // After every drawing, before it is painted: nothing is ever seen to jump.
  useLayoutEffect(() => {
    if (started.current === place) {
      settle();
      return;
    }
    if (!start) {
      started.current = null;
      return;
    }
    started.current = place;
    if (start.at === "kept") {
      anchor.current = { key: start.key, offset: start.offset };
      settle();
    } else if (start.at === "end" || !toRow(start.key, start.part)) toEnd();
  });

  useLayoutEffect(() => {
    // Fonts, pictures, an opened text, the keyboard of a phone: sizes change without a drawing of ours.
    const observer = new ResizeObserver(settle);
    if (scroller.current) observer.observe(scroller.current);
    if (content.current) observer.observe(content.current);
    return () => observer.disconnect();
  }, [place]);

  const onScroll = (): void => {
    if (started.current !== place) return;
    remember();
    if (scroller.current?.clientHeight) onStand?.(anchor.current);
    tellMove();
  };

  const inSight = (): string | null => (anchor.current === "end" ? null : anchor.current.key);

  return { scroller, content, onScroll, toEnd, toTop, toRow, inSight, isFetching };
}

function rowsOf(content: HTMLElement | null): HTMLElement[] {
  return content ? [...content.querySelectorAll<HTMLElement>("[data-key]")] : [];
}

function rowOf(content: HTMLElement | null, key: string): HTMLElement | null {
  return content?.querySelector<HTMLElement>(`[data-key="${key}"]`) ?? null;
}

function measured(row: HTMLElement): { key: string; top: number; height: number } {
  return { key: row.dataset.key ?? "", top: row.offsetTop, height: row.offsetHeight };
}
