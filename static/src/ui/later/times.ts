// The times that are offered for what is put off, and those that a person types; by the clock of this device.
import { LIMITS } from "../../protocol";
import type { Key } from "../../text/t";

export interface Preset {
  key: Key;
  at: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MORNING_H = 9;
const MONDAY = 1;

/** When a message may be sent: in an hour, tomorrow morning, Monday morning. */
export function sendPresets(now: number): Preset[] {
  const tomorrow = morning(now, 1);
  const daysToMonday = (MONDAY - new Date(now).getDay() + 7) % 7 || 7;
  const monday = morning(now, daysToMonday);
  return [
    { key: "later.in_1h", at: minute(now + HOUR_MS) },
    { key: "later.tomorrow_9", at: tomorrow },
    // On a Sunday the two are one.
    ...(monday === tomorrow ? [] : [{ key: "later.monday_9" as const, at: monday }]),
  ];
}

/** When I may be reminded: in 20 minutes, an hour, three hours, tomorrow morning. */
export function remindPresets(now: number): Preset[] {
  return [
    { key: "later.in_20min", at: minute(now + 20 * MINUTE_MS) },
    { key: "later.in_1h", at: minute(now + HOUR_MS) },
    { key: "later.in_3h", at: minute(now + 3 * HOUR_MS) },
    { key: "later.tomorrow_9", at: morning(now, 1) },
  ];
}

/** The time that two fields name ("2026-05-01", "09:30"), or why it is none: missing, past, or too far ahead. */
export function chosenAt(date: string, time: string, now: number): number | Key {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  const clock = /^(\d\d):(\d\d)/.exec(time);
  if (!found || !clock) return "later.choose_missing";
  const at = new Date(
    Number(found[1]),
    Number(found[2]) - 1,
    Number(found[3]),
    Number(clock[1]),
    Number(clock[2]),
  ).getTime();
  if (Number.isNaN(at)) return "later.choose_missing";
  if (at <= now) return "later.choose_past";
  return at > now + LIMITS.AHEAD_MAX_DAYS * DAY_MS ? "later.choose_far" : at;
}

/** What the two fields show for a time. */
export function fieldsOf(at: number): { date: string; time: string } {
  const when = new Date(at);
  const two = (number: number): string => String(number).padStart(2, "0");
  return {
    date: `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`,
    time: `${two(when.getHours())}:${two(when.getMinutes())}`,
  };
}

/** The last day that can be chosen. */
export function lastDay(now: number): string {
  return fieldsOf(now + LIMITS.AHEAD_MAX_DAYS * DAY_MS).date;
}

/** The next full hour, where a choice begins. */
export function nextHour(now: number): number {
  const when = new Date(now);
  when.setHours(when.getHours() + 1, 0, 0, 0);
  return when.getTime();
}

function morning(now: number, days: number): number {
  const when = new Date(now);
  // By the calendar, because a day may have 23 or 25 hours.
  return new Date(when.getFullYear(), when.getMonth(), when.getDate() + days, MORNING_H).getTime();
}

/** The next full minute: nobody expects seconds. */
function minute(at: number): number {
  return Math.ceil(at / MINUTE_MS) * MINUTE_MS;
}
