// How long to wait before the next attempt: exponential with full jitter, so that many clients do not come at once.
const BASE_MS = 1_000;
const CAP_MS = 20_000;
/** After "overloaded" and its like, and after a fault of our own, nobody comes back sooner. */
export const PATIENT_MS = 5_000;

/** Wait before attempt 1, 2, 3 …; `random` is in [0, 1). */
export function backoffMs(attempt: number, random: number, leastMs = 0): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt - 1, 10));
  return Math.round(leastMs + random * ceiling);
}
