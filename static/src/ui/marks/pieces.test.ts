import { expect, it } from "vitest";
import { changedPieces } from "./pieces";

const marked = (before: string | null, after: string): string =>
  changedPieces(before, after)
    .map(({ text, isNew }) => (isNew ? `[${text}]` : text))
    .join("");

it("marks the words that are new", () => {
  expect(marked("we meet at nine", "we meet at ten")).toBe("we meet at [ten]");
  expect(marked("우리 내일 만나요", "우리 모레 만나요")).toBe("우리 [모레] 만나요");
});

it("marks nothing where words were only taken away", () => {
  expect(marked("a b c", "a c")).toBe("a c");
  expect(marked("a b", "a b")).toBe("a b");
});

it("marks nothing in the first text, in an empty and in a very long one", () => {
  expect(marked(null, "first")).toBe("first");
  expect(marked("something", "")).toBe("");
  expect(marked("x", "y ".repeat(2_000))).toBe("y ".repeat(2_000));
});

it("never loses a letter", () => {
  for (const [before, after] of [
    ["  a  b", "b  a  "],
    ["", "a"],
    ["a\nb", "a\n\nb c"],
  ] as const)
    expect(
      changedPieces(before, after)
        .map(({ text }) => text)
        .join(""),
    ).toBe(after);
});
