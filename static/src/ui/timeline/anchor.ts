// Keeping what a person reads where it is, whatever grows above or below. Pure: positions in, position out.
export interface Row {
  key: string;
  /** From the top of the content, in pixels. */
  top: number;
  height: number;
}

export interface Anchor {
  key: string;
  /** From the upper edge of the window of the list to the top of the row; negative when it is cut. */
  offset: number;
}

/** The end counts as visible within this many pixels: browsers round, and a line of air is no reason to stop following. */
export const END_SLACK_PX = 24;

/** The first row of which something is visible; rows ascend and are only measured where the search looks. */
export function anchorOf(count: number, rowAt: (index: number) => Row, scrollTop: number): Anchor | null {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rowAt(middle);
    if (row.top + row.height <= scrollTop) low = middle + 1;
    else high = middle;
  }
  if (low >= count) return null;
  const row = rowAt(low);
  return { key: row.key, offset: row.top - scrollTop };
}

/** Where to scroll so that the anchor stands where it stood. */
export function scrollFor(anchor: Anchor, top: number): number {
  return Math.max(0, top - anchor.offset);
}

/** Whether the end of the list is in sight. */
export function isAtEnd(scrollTop: number, viewHeight: number, contentHeight: number): boolean {
  return contentHeight - viewHeight - scrollTop <= END_SLACK_PX;
}

/**
 * Whether somebody has just scrolled up from the end, and the event that tells it is still to come.
 * `endTop`: where the end was when it was followed last. Where the end itself has come up, by what went or by a larger
 * window, nobody has left it.
 */
export function isLeaving(
  scrollTop: number,
  viewHeight: number,
  contentHeight: number,
  endTop: number,
): boolean {
  return scrollTop < endTop - 1 && contentHeight - viewHeight >= endTop;
}

/** Where to scroll so that a row stands at a part of the window (0 top, 0.5 middle), as far as the content allows. */
export function scrollTo(
  top: number,
  height: number,
  viewHeight: number,
  contentHeight: number,
  at: number,
): number {
  const wanted = at === 0.5 ? top - (viewHeight - height) / 2 : top - viewHeight * at;
  return Math.max(0, Math.min(wanted, contentHeight - viewHeight));
}
