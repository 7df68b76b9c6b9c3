// The :name at the caret, and the text after one was chosen.
import { expect, test } from "vitest";
import type { CustomEmoji } from "../../protocol";
import { completeEmoji, emojiWordAt, ownChoices } from "./emojiWords";

test.each([
  [":th", "th"],
  ["so :+1", "+1"],
  ["(:tada", "tada"],
  [":좋", "좋"],
  ["이건 :좋아요", "좋아요"],
])("%s asks for %s", (text, query) => {
  expect(emojiWordAt(text, text.length)).toEqual({ start: text.length - query.length - 1, query });
});

test.each([":", ":t", "10:30", "http://ab", "a:bc", "::ab", "`:ab", "ab", `:${"a".repeat(30)}`])(
  "%s asks for none",
  (text) => {
    expect(emojiWordAt(text, text.length)).toBeNull();
  },
);

test("a choice takes the place of what was typed", () => {
  const word = emojiWordAt("so :th now", 6)!;
  expect(completeEmoji("so :th now", word, 6, "👍")).toEqual({ text: "so 👍 now", caret: 6 });
  expect(completeEmoji("so :th", word, 6, "👍")).toEqual({ text: "so 👍 ", caret: 6 });
});

test("the workspace's own are found by every name, what begins with the word first", () => {
  const own = (name: string, ...aliases: string[]): CustomEmoji => ({
    name,
    aliases,
    url: `/${name}`,
    width: 1,
    height: 1,
    animated: false,
    by: null,
    at: "",
  });
  const all = [own("big_party"), own("party", "회식"), own("other", "partly")];
  expect(ownChoices(all, "part")).toEqual([
    { text: ":party:", name: "party", url: "/party" },
    { text: ":other:", name: "partly", url: "/other" },
    { text: ":big_party:", name: "big_party", url: "/big_party" },
  ]);
  expect(ownChoices(all, "회")).toEqual([{ text: ":party:", name: "회식", url: "/party" }]);
  expect(ownChoices(all, "nothing")).toEqual([]);
  expect(
    ownChoices(
      Array.from({ length: 20 }, (_, n) => own(`party${n}`)),
      "party",
    ),
  ).toHaveLength(6);
});
