// The connection that public/early.js has begun before the page itself ran.
import type { Wire } from "./socket";

interface Early {
  wire: Wire & { readyState: number };
  heard: { data: unknown; timeStamp: number }[];
}

/** Where public/early.js leaves it: the window. */
export interface Waiting {
  maruEarly?: Early | undefined;
}

const OPEN = 1;

export interface Taken {
  wire: Wire;
  /** For how long the first word of the server has waited to be told, ms. */
  lateMs: number;
}

/**
 * Take the early connection over, once; null when there is none or it has ended. What it heard is told in the next
 * moment. `now`: by the clock of the browser's events.
 */
export function takeEarly(place: Waiting, now: number): Taken | null {
  const early = place.maruEarly;
  place.maruEarly = undefined;
  if (!early || early.wire.readyState > OPEN) return null;
  const { wire, heard } = early;
  // Before anything newer is told, and after the one who asks listens.
  queueMicrotask(() => {
    if (wire.readyState === OPEN) wire.onopen?.();
    for (const event of heard) wire.onmessage?.(event);
  });
  return { wire, lateMs: heard[0] ? now - heard[0].timeStamp : 0 };
}
