// @vitest-environment happy-dom
// What the HTML of a message becomes on the screen: the names of emoji.

import { beforeEach, expect, test } from "vitest";
import type { CustomEmoji } from "../../protocol";
import { ownEmoji } from "../../store/own_emoji";
import { dress } from "./dressing";

const party: CustomEmoji = {
  name: "party",
  aliases: ["fete"],
  url: "/api/v1/emoji/pictures/1",
  width: 64,
  height: 32,
  animated: false,
  by: 1,
  at: "2026-01-01T00:00:00.000Z",
};

function message(): HTMLElement {
  const root = document.createElement("div");
  root.innerHTML =
    '<p>hi <span class="emoji" data-emoji="fete">:Fete:</span> <span class="emoji" data-emoji="other">:other:</span></p>';
  return root;
}

beforeEach(() => {
  ownEmoji.value = [];
});

test("a name of ours is its picture, and what it says is what was written", () => {
  ownEmoji.value = [party];
  const root = message();
  dress(root, 1);
  const [image, ...more] = root.querySelectorAll("img");
  expect(more).toEqual([]);
  expect([image?.alt, image?.getAttribute("src"), image?.width, image?.height]).toEqual([
    ":Fete:",
    party.url,
    64,
    32,
  ]);
  expect(root.textContent).toBe("hi  :other:");
});

test("it is another picture when there is another one, and the name again when there is none", () => {
  const root = message();
  dress(root, 1);
  expect(root.textContent).toBe("hi :Fete: :other:");
  ownEmoji.value = [party];
  dress(root, 1);
  const first = root.querySelector("img");
  dress(root, 1);
  expect(root.querySelector("img")).toBe(first);
  ownEmoji.value = [{ ...party, url: "/another" }];
  dress(root, 1);
  expect(root.querySelector("img")?.getAttribute("src")).toBe("/another");
  ownEmoji.value = [];
  dress(root, 1);
  expect(root.textContent).toBe("hi :Fete: :other:");
  expect(root.querySelector("img")).toBeNull();
});
