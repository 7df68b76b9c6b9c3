// The emoji of the workspace's own: read after each connection, changed one by one, and there at once in the next page.
import { beforeEach, expect, test } from "vitest";
import type { CustomEmoji, ServerFrame } from "../protocol";
import { ownEmoji, ownEmojiOf } from "../store/own_emoji";
import { workspace } from "../store/workspace";
import { FakeClock, settled } from "./fakes";
import { OwnEmoji } from "./own_emoji";

const SYNCED = { type: "synced" } as ServerFrame;

const emojiCalled = (name: string, url = `/api/v1/emoji/pictures/${name}`): CustomEmoji => ({
  name,
  aliases: [`${name}-2`],
  url,
  width: 8,
  height: 8,
  animated: false,
  by: 1,
  at: "2026-01-01T00:00:00.000Z",
});

function changed(name: string, emoji: CustomEmoji | null): ServerFrame {
  return { type: "emoji.changed", name, emoji };
}

let clock: FakeClock;
let kept: Map<string, string>;
let answer: () => Promise<{ items: CustomEmoji[] }>;
let reads: number;

function made(): OwnEmoji {
  return new OwnEmoji({
    api: {
      get: async <T>() => {
        reads++;
        return (await answer()) as T;
      },
    },
    clock,
    user: 7,
    store: () => ({
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    }),
  });
}

beforeEach(() => {
  clock = new FakeClock();
  kept = new Map();
  reads = 0;
  answer = async () => ({ items: [emojiCalled("party")] });
  ownEmoji.value = [];
});

test("the list is read after a connection and found by every name", async () => {
  made().hear([SYNCED]);
  await clock.pass(1_000);
  expect(ownEmojiOf(":party:")?.name).toBe("party");
  expect(ownEmojiOf(":PARTY-2:")?.name).toBe("party");
  expect(["party", ":party", "::", ":other:"].map(ownEmojiOf)).toEqual([null, null, null, null]);
});

test("one that is made, replaced and removed is told and not read", () => {
  const emoji = made();
  emoji.hear([changed("b", emojiCalled("b")), changed("a", emojiCalled("a"))]);
  expect(ownEmoji.value.map(({ name }) => name)).toEqual(["a", "b"]);
  emoji.hear([changed("b", emojiCalled("b", "/other"))]);
  expect(ownEmojiOf(":b:")?.url).toBe("/other");
  emoji.hear([changed("a", null)]);
  expect(ownEmoji.value.map(({ name }) => name)).toEqual(["b"]);
  expect(reads).toBe(0);
});

test("a list that was under way when one was told of is read again", async () => {
  let give: (found: { items: CustomEmoji[] }) => void = () => undefined;
  answer = () => new Promise((resolve) => (give = resolve));
  const emoji = made();
  emoji.hear([SYNCED]);
  await clock.pass(1_000);
  emoji.hear([changed("new", emojiCalled("new"))]);
  answer = async () => ({ items: [emojiCalled("new")] });
  give({ items: [] });
  await settled();
  expect(ownEmojiOf(":new:")).not.toBeNull();
  await clock.pass(1_000);
  expect([reads, ownEmojiOf(":new:")?.name]).toEqual([2, "new"]);
});

test("the next page shows it before it has asked, and the same list draws nothing anew", async () => {
  made().hear([changed("party", emojiCalled("party"))]);
  ownEmoji.value = [];
  const next = made();
  next.load();
  expect(ownEmojiOf(":party:")).not.toBeNull();
  const before = ownEmoji.value;
  next.hear([SYNCED]);
  await clock.pass(1_000);
  expect(ownEmoji.value).toBe(before);
});

test("what was kept is nothing when it is not ours, and is forgotten with the session", () => {
  for (const text of ["{", '{"a":1}', '[1, null, {"name": 3}]']) {
    kept.set("maru.emoji.7", text);
    made().load();
    expect(ownEmoji.value).toEqual([]);
  }
  made().forget();
  expect(kept.size).toBe(0);
});

test("a list that cannot be read is asked for again, and a lost connection stops that", async () => {
  answer = () => Promise.reject(new Error("away"));
  const emoji = made();
  emoji.hear([SYNCED]);
  await clock.pass(1_000);
  await clock.pass(25_000);
  expect(reads).toBe(2);
  emoji.down();
  await clock.pass(60_000);
  expect(reads).toBe(2);
});

test("another name and logo of the workspace are taken over", () => {
  made().hear([{ type: "workspace.changed", name: "서울 팀", logo: "/logo/1" }]);
  expect(workspace.value).toEqual({ name: "서울 팀", logo: "/logo/1" });
});
