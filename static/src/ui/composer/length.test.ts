// The page and the server count characters alike.
import { expect, test } from "vitest";
import { lengthOf } from "./length";

test.each([
  ["", 0],
  ["abc", 3],
  ["한글", 2],
  ["👍", 1],
  ["👨‍👩‍👧", 5],
  ["\ud83d", 1],
  ["a\ud83db", 3],
])("%j is %i characters long", (text, length) => {
  expect(lengthOf(text)).toBe(length);
});
