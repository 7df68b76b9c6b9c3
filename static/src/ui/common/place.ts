// Where a floating box goes beside its anchor, without leaving the window. Pure.
export interface Box {
  top: number;
  left: number;
  width: number;
  height: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Spot {
  top: number;
  left: number;
  maxHeight: number;
}

const GAP = 6;
const EDGE = 8;

/** Below the anchor when it fits or there is more room than above; aligned with its start or its end. */
export function placeBox(anchor: Box, box: Size, view: Size, align: "start" | "end"): Spot {
  const below = view.height - (anchor.top + anchor.height) - GAP - EDGE;
  const above = anchor.top - GAP - EDGE;
  const isBelow = box.height <= below || below >= above;
  const maxHeight = Math.max(isBelow ? below : above, 0);
  const height = Math.min(box.height, maxHeight);
  const wanted = align === "start" ? anchor.left : anchor.left + anchor.width - box.width;
  return {
    top: isBelow ? anchor.top + anchor.height + GAP : anchor.top - GAP - height,
    left: Math.max(EDGE, Math.min(wanted, view.width - EDGE - box.width)),
    maxHeight,
  };
}
