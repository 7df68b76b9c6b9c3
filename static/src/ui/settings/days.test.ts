import { beforeAll, expect, test } from "vitest";
import { useLanguage } from "../../text/t";
import { daysOf, daysProblem, keptFor } from "./days";

beforeAll(() => useLanguage("en"));

test.each([
  ["7", 7],
  [" 365 ", 365],
  ["36500", 36_500],
  ["6", null],
  ["36501", null],
  ["", null],
  ["1.5", null],
  ["-30", null],
  ["3e1", null],
  ["9999999999", null],
])("%j is %j days", (text, days) => {
  expect(daysOf(text)).toBe(days);
  expect(daysProblem(text)).toBe(days === null ? "A whole number from 7 to 36,500." : null);
});

test("how long is said in words", () => {
  expect([keptFor(null), keptFor(1), keptFor(30)]).toEqual(["For ever", "for 1 day", "for 30 days"]);
});
