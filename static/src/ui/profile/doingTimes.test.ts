// The ends that are offered.
import { expect, test } from "vitest";
import { ENDS, endAt } from "./doingTimes";

// A Saturday afternoon by whatever clock runs the test.
const SATURDAY = new Date(2026, 0, 3, 15, 30).getTime();

test("an end is a time that comes, or none", () => {
  for (const end of ENDS) {
    const at = endAt(end, SATURDAY);
    if (at !== null) expect(at).toBeGreaterThan(SATURDAY);
  }
  expect([endAt("never", SATURDAY), endAt("choose", SATURDAY)]).toEqual([null, null]);
});

test("today ends before midnight, and the week on Sunday", () => {
  expect(new Date(endAt("today", SATURDAY)!)).toEqual(new Date(2026, 0, 3, 23, 59));
  expect(new Date(endAt("week", SATURDAY)!)).toEqual(new Date(2026, 0, 4, 23, 59));
  const sunday = new Date(2026, 0, 4, 8).getTime();
  expect(endAt("week", sunday)).toBe(endAt("today", sunday));
});
