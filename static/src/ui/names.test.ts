// The letters and the colour of a face.
import { expect, test } from "vitest";
import { colourOf, FACE_COLOURS, initialsOf } from "./names";

test.each([
  ["Alice Moreau", "AM"],
  ["alice", "A"],
  ["Ana María de la Cruz", "AC"],
  ["김지우", "지우"],
  ["황보 민", "황민"],
  ["선우", "선우"],
  ["يوسف حداد", "يح"],
  ["🙂 Bob", "B"],
  ["  ", "?"],
  ["***", "?"],
])("the letters of %j are %j", (name, letters) => {
  expect(initialsOf(name)).toBe(letters);
});

test("eight people in a row have eight colours", () => {
  for (const first of [1, 7, 100]) {
    const colours = Array.from({ length: FACE_COLOURS }, (_, index) => colourOf(first + index));
    expect(new Set(colours).size).toBe(FACE_COLOURS);
    for (const colour of colours) expect(colour).toBeLessThan(FACE_COLOURS);
  }
});
