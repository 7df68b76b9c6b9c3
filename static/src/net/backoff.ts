// How long to wait before the next attempt: exponential with full jitter, so that many clients do not come at once.
const BASE_MS = 1_000;
const CAP_MS = 20_000;
/** After "overloaded" and its like, and after a fault of our own, nobody comes back sooner. */
export const PATIENT_MS = 5_000;
/** These ask for more patience than a lost network does. */
const PATIENT_CODES = new Set([1002, 1007, 1009, 4200, 4201, 4202]);

export interface Wait {
  /** The next attempt comes by itself after this. */
  waitMs: number;
  /** Not even a good reason makes it come sooner than this. */
  leastMs: number;
}

/** Wait before attempt 1, 2, 3 …; `random` is in [0, 1). */
export function backoffMs(attempt: number, random: number, leastMs = 0): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt - 1, 10));
  return Math.round(leastMs + random * ceiling);
}

/** What a close asks for; `byeMs` is what the server itself has said before it. */
export function waitAfter(code: number, attempt: number, random: number, byeMs: number | null): Wait {
  if (byeMs !== null) return { waitMs: byeMs, leastMs: byeMs };
  const leastMs = PATIENT_CODES.has(code) ? PATIENT_MS : 0;
  return { waitMs: backoffMs(attempt, random, leastMs), leastMs };
}
