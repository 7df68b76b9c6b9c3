// What follows an operator, and how it is put in.
import { expect, test } from "vitest";
import { append, isUnfinished, openAt, put } from "./suggest";

test.each([
  ["from:", { operator: "from", start: 5, typed: "" }],
  ["plan from:al", { operator: "from", start: 10, typed: "al" }],
  ["보낸이:지", { operator: "from", start: 4, typed: "지" }],
  ['in:"maru te', { operator: "in", start: 3, typed: "maru te" }],
  ["HAS:f", { operator: "has", start: 4, typed: "f" }],
  ["is:", { operator: "is", start: 3, typed: "" }],
  ["zebra from:alice in:long", { operator: "in", start: 20, typed: "long" }],
  ['from:"a b" in:"x y', { operator: "in", start: 14, typed: "x y" }],
  ["from:alice ", null],
  ['in:"maru team" ', null],
  ["http://x", null],
  ["before:2026", null],
  ["plan", null],
  ["", null],
])("%s", (text, open) => {
  expect(openAt(text, text.length)).toEqual(open);
});

test("only what stands before the caret counts", () => {
  expect(openAt("from:al plan", 7)).toEqual({ operator: "from", start: 5, typed: "al" });
});

test("a value takes the place of what was typed of it", () => {
  const text = "plan from:al";
  expect(put(text, openAt(text, 12)!, 12, "alice")).toEqual({ text: "plan from:alice ", caret: 16 });
});

test("a value with spaces is put in quotes, also where one quotation mark was typed", () => {
  const text = 'in:"maru" plan';
  const caret = 8;
  expect(put(text, openAt(text, caret)!, caret, "Maru team")).toEqual({
    text: 'in:"Maru team" plan',
    caret: 15,
  });
});

test("an operator comes after a space", () => {
  expect(append("", "from:")).toBe("from:");
  expect(append("plan", "from:")).toBe("plan from:");
  expect(append("plan ", "from:")).toBe("plan from:");
});

test.each([
  ["from:al", true],
  ["plan in:", true],
  ["has:li", true],
  ["has:link", false],
  ["from:alice ", false],
  ["plan", false],
])("%s waits for its value: %s", (text, waits) => {
  expect(isUnfinished(text)).toBe(waits);
});
