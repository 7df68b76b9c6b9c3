// Times and days as a person says them, in the language and the time zone of the reader.
import { language, t } from "./t";

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language()} ${name}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(language(), options);
    formats.set(key, found);
  }
  return found;
}

/** 14:05 or 2:05 PM. */
export function timeOf(at: string | number): string {
  return format("time", { hour: "numeric", minute: "2-digit" }).format(new Date(at));
}

/** The time of day in another time zone; null for one that this browser does not know. */
export function zonedTimeOf(at: number, zone: string): string | null {
  try {
    return format(`zone ${zone}`, { hour: "numeric", minute: "2-digit", timeZone: zone }).format(
      new Date(at),
    );
  } catch {
    return null;
  }
}

/** The whole date and time, for a tooltip. */
export function fullOf(at: string | number): string {
  return format("full", { dateStyle: "full", timeStyle: "short" }).format(new Date(at));
}

/** Which local day a time is on; equal for two times of one day. */
export function dayKey(at: string | number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** Today, Yesterday, the weekday within a week, else the date (with the year when it is another one). */
export function dayOf(at: string | number, now: number = Date.now()): string {
  const date = new Date(at);
  const days = Math.round((midnight(new Date(now)) - midnight(date)) / DAY_MS);
  if (days === 0) return t("date.today");
  if (days === 1) return t("date.yesterday");
  if (days > 1 && days < 7) return format("weekday", { weekday: "long" }).format(date);
  if (date.getFullYear() === new Date(now).getFullYear()) {
    return format("date", { month: "long", day: "numeric", weekday: "long" }).format(date);
  }
  return format("year", { year: "numeric", month: "long", day: "numeric" }).format(date);
}

/** When something will be: the time of today or tomorrow, of a weekday within a week, else of a date. */
export function dueOf(at: string | number, now: number = Date.now()): string {
  const date = new Date(at);
  const days = Math.round((midnight(date) - midnight(new Date(now))) / DAY_MS);
  let day = dayOf(at, now);
  if (days === 1) day = t("date.tomorrow");
  else if (days > 1 && days < 7) day = format("weekday", { weekday: "long" }).format(date);
  return t("date.day_time", { day, time: timeOf(at) });
}

/** A time for a list: the time of today, else the day. */
export function shortOf(at: string | number, now: number = Date.now()): string {
  return dayKey(at) === dayKey(now) ? timeOf(at) : dayOf(at, now);
}

function midnight(date: Date): number {
  // Through UTC, so that a day of 23 or 25 hours is still one day.
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
}
