// Addresses in plain text.
import { describe, expect, test } from "vitest";
import { linkify } from "./linkify";

const hrefs = (text: string): (string | null)[] => linkify(text).flatMap((piece) => piece.href ?? []);

describe("linkify", () => {
  test("leaves a text without an address alone", () => {
    expect(linkify("just words")).toEqual([{ text: "just words", href: null }]);
    expect(linkify("")).toEqual([]);
  });

  test.each([
    ["see https://example.com/a.", "https://example.com/a"],
    ["(https://example.com/a_(b))", "https://example.com/a_(b)"],
    ["https://example.com/?q=1&r=2, then", "https://example.com/?q=1&r=2"],
    ["https://example.com/문서 보세요", "https://example.com/문서"],
    ["https://example.com에서 봐요", "https://example.com"],
    ["HTTP://EXAMPLE.COM", "HTTP://EXAMPLE.COM"],
  ])("%s", (text, href) => {
    expect(hrefs(text)).toEqual([href]);
  });

  test.each(["javascript:alert(1)", "http://", "https://", "xhttps://example.com"])(
    "%s is no address",
    (text) => {
      expect(hrefs(text)).toEqual([]);
    },
  );

  test("the pieces joined are the text", () => {
    const text = "a https://x.io/1. b (http://y.io) c";
    expect(
      linkify(text)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
  });
});
