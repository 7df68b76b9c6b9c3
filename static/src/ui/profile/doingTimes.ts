// The ends that are offered for what I am doing; by the clock of this device.
import type { Key } from "../../text/t";

export const ENDS = ["never", "30min", "1h", "4h", "today", "week", "choose"] as const;
export type End = (typeof ENDS)[number];

const MINUTE_MS = 60_000;
const SUNDAY = 0;

/** When an end is, in milliseconds; null: never, or to be chosen. */
export function endAt(end: End, now: number): number | null {
  if (end === "30min") return now + 30 * MINUTE_MS;
  if (end === "1h") return now + 60 * MINUTE_MS;
  if (end === "4h") return now + 240 * MINUTE_MS;
  if (end === "today") return lastMinute(now, 0);
  if (end === "week") return lastMinute(now, (SUNDAY - new Date(now).getDay() + 7) % 7);
  return null;
}

/** The last minute of a day, counted from today. */
function lastMinute(now: number, days: number): number {
  const when = new Date(now);
  return new Date(when.getFullYear(), when.getMonth(), when.getDate() + days, 23, 59).getTime();
}

export interface Usual {
  emoji: string;
  text: Key;
  end: End;
}

/** What people are doing most. */
export const USUAL: readonly Usual[] = [
  { emoji: "🗓️", text: "doing.meeting", end: "1h" },
  { emoji: "🎧", text: "doing.focus", end: "4h" },
  { emoji: "🍜", text: "doing.lunch", end: "1h" },
  { emoji: "🚌", text: "doing.commuting", end: "30min" },
  { emoji: "🤒", text: "doing.sick", end: "today" },
  { emoji: "🌴", text: "doing.vacation", end: "never" },
];
