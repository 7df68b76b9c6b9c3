import { beforeAll, expect, test } from "vitest";
import { sizeOf } from "./size";
import { useLanguage } from "./t";

beforeAll(() => useLanguage("en"));

test.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1_000, "1 kB"],
  [12_345_678, "12.3 MB"],
  [3_200_000_000, "3.2 GB"],
  [5e15, "5,000 TB"],
])("%i is said as %s", (bytes, words) => {
  expect(sizeOf(bytes)).toBe(words);
});
