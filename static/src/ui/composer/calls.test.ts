// Which @words call many, what the list offers, and what is asked of the server.
import { expect, test, vi } from "vitest";
import type { Rest } from "../../net/actions";
import { type CallReach, callChoices, callWords, type Group, lookAtCalls, toldBy } from "./calls";

const group = (id: number, handle: string, name: string): Group => ({
  id,
  handle,
  name,
  made_by: null,
  members: 3,
  mine: false,
  may_change: false,
});
const GROUPS = [
  group(7, "design", "Design team"),
  group(8, "디자인", "디자인 팀"),
  group(9, "bob-team", "Bobs"),
];
const reach = (kind: CallReach["kind"], people: number, is_allowed = true): CallReach => ({
  name: kind,
  kind,
  group: null,
  is_allowed,
  people,
  outside: [],
  outside_count: 0,
});

test.each([
  ["@here look", ["here"]],
  ["hi @Room, @all.", ["room", "all"]],
  ["@모두에게 @여기", ["모두", "여기"]],
  ["@design과 @디자인에", ["design", "디자인"]],
  ["@bob-team", ["bob-team"]],
  ["> quoted\n@here", ["here"]],
])("%j calls", (text, words) => {
  expect(callWords(text, GROUPS)).toEqual(words);
});

test.each([
  "`@room`",
  "```\n@room\n```",
  "~~~\n@here\n~~~",
  "> @room",
  "me@room.org",
  "@@room",
  "@rooms",
  "@all-hands",
  "@bob",
  "no",
  "@",
])("%j calls nobody", (text) => {
  expect(callWords(text, GROUPS)).toEqual([]);
});

const offer = { query: "", language: "en", groups: GROUPS, reaches: [], mayCallRoom: true } as const;
const words = (over: Partial<Parameters<typeof callChoices>[0]>): string[] =>
  callChoices({ ...offer, ...over }).map(({ word }) => word);

test("the list offers who is here, the room and the groups, in the words of the language", () => {
  expect(words({})).toEqual(["here", "room", "design", "디자인", "bob-team"]);
  expect(words({ language: "ko" }).slice(0, 2)).toEqual(["여기", "모두"]);
});

test("it follows what is typed, in the other language and by other names too", () => {
  expect(words({ query: "al" })).toEqual(["all"]);
  expect(words({ query: "모" })).toEqual(["모두"]);
  expect(words({ query: "des" })).toEqual(["design"]);
  expect(words({ query: "nobody" })).toEqual([]);
});

test("what is not allowed is not offered, and where there is no room to call it is not either", () => {
  expect(words({ reaches: [reach("here", 0, false), reach("room", 0, false)] })).not.toContain("here");
  expect(words({ mayCallRoom: false })).toEqual(["design", "디자인", "bob-team"]);
});

test("it says how many would be told, once that is known", () => {
  const [here, room] = callChoices({ ...offer, reaches: [reach("here", 2)] });
  expect([here?.people, room?.people]).toEqual([2, null]);
});

test("the room is everybody, and groups are added up", () => {
  expect(toldBy([reach("here", 3), reach("room", 12)])).toBe(12);
  expect(toldBy([reach("here", 3), reach("group", 4), reach("group", 9, false)])).toBe(7);
  expect(toldBy([])).toBe(0);
});

test("the same question is asked once, and again after it has failed", async () => {
  const get = vi.fn(() => Promise.resolve({ items: [reach("room", 12)] }));
  const rest = { get } as unknown as Rest;
  expect(await lookAtCalls(rest, 5, ["room"])).toEqual([reach("room", 12)]);
  await lookAtCalls(rest, 5, ["room"]);
  expect(get).toHaveBeenCalledTimes(1);
  expect(get).toHaveBeenCalledWith("rooms/5/calls", { name: ["room"] });
  get.mockImplementationOnce(() => Promise.reject(new Error("away")));
  await expect(lookAtCalls(rest, 6, ["room"])).rejects.toThrow("away");
  await lookAtCalls(rest, 6, ["room"]);
  expect(get).toHaveBeenCalledTimes(3);
  expect(await lookAtCalls(rest, 5, [])).toEqual([]);
});
