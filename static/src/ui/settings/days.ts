// How many days messages are kept, as somebody writes it into a field.
import { LIMITS } from "../../protocol";
import { t } from "../../text/t";

/** What a field begins with where nothing was chosen before. */
export const DAYS_FIRST = "365";

/** The number that is written, or null when it is none that the server takes. */
export function daysOf(text: string): number | null {
  if (!/^\s*\d{1,6}\s*$/.test(text)) return null;
  const days = Number(text);
  return days >= LIMITS.RETENTION_MIN_DAYS && days <= LIMITS.RETENTION_MAX_DAYS ? days : null;
}

/** What is wrong with it, or null. */
export function daysProblem(text: string): string | null {
  if (daysOf(text) !== null) return null;
  return t("keeping.days_problem", { min: LIMITS.RETENTION_MIN_DAYS, max: LIMITS.RETENTION_MAX_DAYS });
}

/** How long something is kept, in words. */
export function keptFor(days: number | null): string {
  return days === null ? t("keeping.forever") : t("keeping.days_n", { n: days });
}
