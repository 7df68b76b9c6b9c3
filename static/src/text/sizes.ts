// How large a file is, as a person says it.
import { language } from "./t";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const STEP = 1_024;

/** 1.2 MB; whole numbers up to a kilobyte. */
export function sizeOf(bytes: number): string {
  let unit = 0;
  let size = bytes;
  while (size >= STEP && unit < UNITS.length - 1) {
    size /= STEP;
    unit++;
  }
  const options = {
    style: "unit",
    unit: UNITS[unit],
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: unit > 1 && size < 100 ? 1 : 0,
  } as const;
  return new Intl.NumberFormat(language(), options as Intl.NumberFormatOptions).format(size);
}
