// The @word under the caret and what choosing does.
import { describe, expect, test } from "vitest";
import type { User } from "../../protocol";
import { candidates, complete, mentionAt } from "./mentions";

const user = (id: number, handle: string, name: string): User => ({
  id,
  handle,
  name,
  avatar: null,
  is_bot: false,
  status: "online",
  doing: null,
});

describe("mentionAt", () => {
  test.each([
    ["@", 0, ""],
    ["hi @al", 3, "al"],
    ["(@bob", 1, "bob"],
    ["안녕 @지", 3, "지"],
    ["a\n@b", 2, "b"],
    ["`x` @b", 4, "b"],
  ])("%j", (text, start, query) => {
    expect(mentionAt(text, text.length)).toEqual({ start, query });
  });

  test.each(["me@example", "no mention", "@done ", "path/@x", "`code @x", "@@x"])("none in %j", (text) => {
    expect(mentionAt(text, text.length)).toBeNull();
  });

  test("looks only before the caret", () => {
    expect(mentionAt("@al rest", 3)).toEqual({ start: 0, query: "al" });
    expect(mentionAt("@al rest", 8)).toBeNull();
  });
});

describe("candidates", () => {
  const people = [
    user(1, "me", "Me"),
    user(2, "bob", "Robert"),
    user(3, "jiwoo", "김지우"),
    user(4, "rob", "Rob"),
  ];

  test("leave me out and find by handle or name", () => {
    expect(candidates(people, "", 1).map(({ id }) => id)).toEqual([2, 3, 4]);
    expect(candidates(people, "rob", 1).map(({ id }) => id)).toEqual([2, 4]);
    expect(candidates(people, "ㄱㅈ", 1).map(({ id }) => id)).toEqual([3]);
  });

  test("are at most eight", () => {
    const many = Array.from({ length: 30 }, (_, index) => user(index + 10, `a${index}`, "A"));
    expect(candidates(many, "a", 1)).toHaveLength(8);
  });
});

describe("complete", () => {
  test("replaces what was typed and puts the caret behind the space", () => {
    expect(complete("hi @al", { start: 3, query: "al" }, 6, "alice")).toEqual({
      text: "hi @alice ",
      caret: 10,
    });
  });

  test("does not double a space that is there", () => {
    expect(complete("@al there", { start: 0, query: "al" }, 3, "alice")).toEqual({
      text: "@alice there",
      caret: 7,
    });
  });
});
