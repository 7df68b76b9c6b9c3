// Spans of time in words: 30 seconds, 5 minutes, 1 hour.
import { language } from "../../text/t";

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** A span in the largest unit that it is whole in. */
export function spanText(seconds: number): string {
  const [unit, size] = UNITS.find(([, size]) => seconds % size === 0) ?? UNITS[3];
  return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "long" }).format(
    seconds / size,
  );
}
