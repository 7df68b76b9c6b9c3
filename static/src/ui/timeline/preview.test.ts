// Which previews are shown, and how.
import { describe, expect, test } from "vitest";
import type { Preview } from "../../protocol";
import { hostOf, isWide } from "./preview";

describe("hostOf", () => {
  test.each([
    ["https://site.example.com/a?b#c", "site.example.com"],
    ["http://xn--bj0bj06e.kr/", "xn--bj0bj06e.kr"],
    ["javascript:alert(1)", null],
    ["data:text/html,hi", null],
    ["/relative", null],
    ["", null],
  ])("%s", (url, host) => {
    expect(hostOf(url)).toBe(host);
  });
});

const sized = (image_width: number | null, image_height: number | null): Preview => ({
  url: "https://site.example.com/",
  title: "",
  description: "",
  site: "",
  image: null,
  image_width,
  image_height,
});

test.each([
  [600, 315, true],
  [600, 600, true],
  [399, 200, false],
  [450, 600, false],
  [null, null, false],
])("a picture of %s x %s stands below the words: %s", (width, height, wide) => {
  expect(isWide(sized(width, height))).toBe(wide);
});
