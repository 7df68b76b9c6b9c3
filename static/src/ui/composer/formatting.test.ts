// Marks that come and go, items that go on, addresses that become links.
import { describe, expect, test } from "vitest";
import { type Format, format, formatOf, nextItem, pasteLink } from "./formatting";

/** A text with its selection between ‹ and ›, or its caret at ‸. */
function read(shown: string): [string, number, number] {
  const start = shown.search(/[‹‸]/);
  const bare = shown.replace(/[‹‸]/, "");
  const end = bare.indexOf("›");
  return [bare.replace("›", ""), start, end === -1 ? start : end];
}

function show({ text, start, end }: { text: string; start: number; end: number }): string {
  if (start === end) return `${text.slice(0, start)}‸${text.slice(start)}`;
  return `${text.slice(0, start)}‹${text.slice(start, end)}›${text.slice(end)}`;
}

test.each<[Format, string, string]>([
  ["bold", "a ‹b› c", "a **‹b›** c"],
  ["bold", "a **‹b›** c", "a ‹b› c"],
  ["bold", "a ‹**b**› c", "a ‹b› c"],
  ["bold", "a ‹b ›c", "a **‹b›** c"],
  ["bold", "‸", "**‸**"],
  ["bold", "**‸**", "‸"],
  ["italic", "**‹b›**", "***‹b›***"],
  ["italic", "***‹b›***", "**‹b›**"],
  ["italic", "*‹b›*", "‹b›"],
  ["strike", "‹안녕›", "~~‹안녕›~~"],
  ["code", "‹x›", "`‹x›`"],
  ["spoiler", "||‹x›||", "‹x›"],
  ["link", "‹here›", "[here](‹https://›)"],
  ["link", "‹https://a.example›", "[‸](https://a.example)"],
  ["quote", "a\n‹b\nc›", "a\n‹> b\n> c›"],
  ["quote", "‹> b\n> c›", "‹b\nc›"],
  ["list", "on‸e", "- on‸e"],
  ["list", "- on‸e", "on‸e"],
  ["numbers", "‹a\nb›", "‹1. a\n2. b›"],
  ["block", "a ‹b› c", "a \n```\n‹b›\n```\n c"],
])("%s: %s", (kind, before, after) => {
  expect(show(format(...read(before), kind))).toBe(after);
});

describe("a new line", () => {
  test.each([
    ["- a‸", "- a\n- ‸"],
    ["- a‸b", "- a\n- ‸b"],
    ["  * a‸", "  * a\n  * ‸"],
    ["9. a‸", "9. a\n10. ‸"],
    ["- [x] a‸", "- [x] a\n- [ ] ‸"],
    ["> a‸", "> a\n> ‸"],
    ["> > a‸", "> > a\n> > ‸"],
    ["- a\n- ‸", "- a\n‸"],
    ["> ‸", "‸"],
  ])("after %s", (before, after) => {
    const [text, caret] = read(before);
    expect(show(nextItem(text, caret)!)).toBe(after);
  });

  test.each(["a‸", "-a‸", "```\n- a‸", "‸- a", ""])("is only a new line after %s", (before) => {
    const [text, caret] = read(before || "‸");
    expect(nextItem(text, caret)).toBeNull();
  });
});

describe("an address pasted on a selection", () => {
  test("becomes its link", () => {
    expect(show(pasteLink(...read("see ‹this [1]›!"), " https://a.example/b_(c) ")!)).toBe(
      "see [this \\[1\\]](https://a.example/b_%28c%29)‸!",
    );
  });
  test.each([
    ["a‸b", "https://a.example"],
    ["‹a›", "no address"],
    ["‹a›", "https://a.example two"],
    ["‹https://b.example›", "https://a.example"],
    ["‹a\nb›", "https://a.example"],
  ])("not on %s", (before, pasted) => {
    expect(pasteLink(...read(before), pasted)).toBeNull();
  });
});

test("keys are known by their place, whatever language is typed", () => {
  const press = (fields: KeyboardEventInit): KeyboardEvent => fields as KeyboardEvent;
  expect(formatOf(press({ ctrlKey: true, code: "KeyB", key: "ㅠ" }))).toBe("bold");
  expect(formatOf(press({ metaKey: true, shiftKey: true, code: "KeyX" }))).toBe("strike");
  expect(formatOf(press({ ctrlKey: true, code: "KeyX" }))).toBeNull();
  expect(formatOf(press({ code: "KeyB" }))).toBeNull();
  expect(formatOf(press({ ctrlKey: true, altKey: true, code: "KeyB" }))).toBeNull();
});
