// What becomes of a typed name and of the name of a file.
import { expect, test } from "vitest";
import { cleanedName, fitting, isName, nameOf, PICTURE_MAX_BYTES } from "./drawing";

test.each([
  ["Party Parrot.gif", "party_parrot"],
  ["회식.png", "회식"],
  ["회식.PNG".normalize("NFD"), "회식"],
  ["IMG 2026.01.02 (3).webp", "img_2026_01_02_3"],
  ["日本.png", ""],
  [`${"x".repeat(60)}.png`, "x".repeat(32)],
])("%s is called %s", (file, name) => {
  expect(nameOf(file)).toBe(name);
});

test("of what is typed stays what can be in a name, and a syllable that is not whole yet", () => {
  expect(cleanedName("Ab c:é!")).toBe("ab_c");
  expect(cleanedName("회시ㄱ")).toBe("회시ㄱ");
  expect(["회시ㄱ", "", "a b", "x".repeat(33)].map(isName)).toEqual([false, false, false, false]);
  expect(["a", "+2", "회식", "x".repeat(32)].map(isName)).toEqual([true, true, true, true]);
});

test("what is small is sent as it is, and what moves and is too large is not", async () => {
  const small = new Blob(["x"], { type: "image/gif" });
  expect(await fitting(small, 512)).toBe(small);
  const large = new Blob([new Uint8Array(PICTURE_MAX_BYTES + 1)], { type: "image/gif" });
  expect(await fitting(large, 512)).toBeNull();
});
