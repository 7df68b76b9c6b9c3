// A square that is cut out of a picture, in its pixels; it never reaches over the edge.
export interface Cut {
  x: number;
  y: number;
  side: number;
  zoom: number;
}

interface Size {
  width: number;
  height: number;
}

/** The largest square, out of the middle. */
export function firstCut({ width, height }: Size): Cut {
  const side = Math.min(width, height);
  return { x: (width - side) / 2, y: (height - side) / 2, side, zoom: 1 };
}

/** The same middle, so many times as near. */
export function cutAt(cut: Cut, zoom: number, size: Size): Cut {
  const side = Math.min(size.width, size.height) / zoom;
  const middle = { x: cut.x + cut.side / 2, y: cut.y + cut.side / 2 };
  return within({ x: middle.x - side / 2, y: middle.y - side / 2, side, zoom }, size);
}

/** Moved by parts of its own side. */
export function moved(cut: Cut, dx: number, dy: number, size: Size): Cut {
  return within({ ...cut, x: cut.x + dx * cut.side, y: cut.y + dy * cut.side }, size);
}

function within(cut: Cut, { width, height }: Size): Cut {
  const x = Math.max(0, Math.min(cut.x, width - cut.side));
  const y = Math.max(0, Math.min(cut.y, height - cut.side));
  return { ...cut, x, y };
}
