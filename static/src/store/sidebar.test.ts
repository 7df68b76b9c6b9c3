// What stands where in the left column, and what moving does to it.
import { expect, test } from "vitest";
import type { RoomState, Sidebar } from "../protocol";
import { opened, posts, room as roomOf } from "./cast";
import { ModelServer } from "./model_server";
import {
  both,
  columnOf,
  foldedTo,
  moved,
  named,
  PLAIN,
  partsOf,
  placeOf,
  removed,
  sectionStepped,
  stepped,
} from "./sidebar";
import type { Room } from "./state";

const base = roomOf(opened(new ModelServer(posts(1))));
const room = (id: number, fields: Partial<RoomState> = {}): Room => ({
  ...base,
  state: { ...base.state, id, name: `r${id}`, unread: 0, mentions: 0, ...fields },
});
const rooms = [1, 2, 3, 4].map((id) => room(id, { last_at: `2026-01-0${id}` }));
const direct = room(9, { kind: "direct", role: "member" });
const shown = (sidebar: Sidebar, all = [...rooms, direct], open: number | null = null) =>
  partsOf(all, sidebar, open).map((part) => [part.id, ...part.rooms.map(({ state }) => state.id)]);

test("who has arranged nothing sees rooms and conversations as they came", () => {
  expect(shown(PLAIN)).toEqual([["favourites"], ["rooms", 1, 2, 3, 4], ["directs", 9]]);
});

test("a room that one is not in stands nowhere", () => {
  expect(shown({ ...PLAIN, favourites: [5] }, [room(5, { role: null })])[0]).toEqual(["favourites"]);
});

test("a room stands where it was put, and there alone", () => {
  const sidebar = [
    named("s", "Work"),
    moved(3, "favourites"),
    moved(9, "s"),
    moved(1, "s"),
    moved(2, "s", 9),
  ].reduce((before, change) => change(before), PLAIN);
  expect(shown(sidebar)).toEqual([["favourites", 3], ["s", 2, 9, 1], ["rooms", 4], ["directs"]]);
  expect([placeOf(sidebar, 9), placeOf(sidebar, 3), placeOf(sidebar, 4)]).toEqual(["s", "favourites", null]);
  const elsewhere = moved(9, "favourites", 3)(sidebar);
  expect(shown(elsewhere).slice(0, 2)).toEqual([
    ["favourites", 9, 3],
    ["s", 2, 1],
  ]);
  expect(shown(moved(9, null)(elsewhere)).at(-1)).toEqual(["directs", 9]);
  // A section that another device has taken away holds nothing.
  expect(placeOf(moved(9, "gone")(elsewhere), 9)).toBe(null);
});

test("steps stay within the part", () => {
  const sidebar: Sidebar = { ...PLAIN, favourites: [1, 2, 3] };
  expect(stepped(2, -1)(sidebar).favourites).toEqual([2, 1, 3]);
  expect(stepped(1, -1)(sidebar).favourites).toEqual([1, 2, 3]);
  expect(stepped(3, 1)(sidebar).favourites).toEqual([1, 2, 3]);
});

test("a section is named, moved and taken away, and its rooms stay", () => {
  const two = both(both(named("a", "A"), named("b", "B")), moved(1, "a"))(PLAIN);
  expect(sectionStepped("b", -1)(two).sections.map(({ id }) => id)).toEqual(["b", "a"]);
  expect(named("a", "New")(two).sections[0]).toEqual({ id: "a", name: "New", rooms: [1] });
  const left = removed("a")(foldedTo("a", true)(two));
  expect(left.folded).toEqual([]);
  expect(shown(left)).toEqual([["favourites"], ["b"], ["rooms", 1, 2, 3, 4], ["directs", 9]]);
  expect(foldedTo("b", true)(foldedTo("b", true)(left)).folded).toEqual(["b"]);
});

test("others stand by name, by the last message or with what waits first; archived ones last", () => {
  const all = [
    rooms[0]!,
    room(2, { unread: 3, archived: true }),
    room(3, { unread: 1, last_at: "2026-01-03" }),
    room(4, { unread: 1, mentions: 1, last_at: "2026-01-02" }),
    room(5, { unread: 9, level: "none", last_at: "2026-01-09" }),
  ];
  const order = (sort: Sidebar["sort"]) => shown({ ...PLAIN, sort }, all)[1]!.slice(1);
  expect(order("name")).toEqual([1, 3, 4, 5, 2]);
  expect(order("activity")).toEqual([5, 3, 4, 1, 2]);
  expect(order("unread")).toEqual([4, 3, 1, 5, 2]);
});

test("with unread ones alone, muted rooms are away and the open one stays", () => {
  const all = [
    room(1),
    room(2, { unread: 1 }),
    room(3, { unread: 1, level: "none" }),
    room(4, { unread: 2 }),
  ];
  const sidebar: Sidebar = { ...PLAIN, only_unread: true, favourites: [4, 3] };
  expect(shown(sidebar, all, 1)).toEqual([["favourites", 4], ["rooms", 1, 2], ["directs"]]);
});

test("the column from top to bottom is what keys go along: of a folded part only what waits", () => {
  const all = [...rooms, room(5, { unread: 2 }), direct];
  const column = (sidebar: Sidebar, open: number | null = null) =>
    columnOf(all, sidebar, open).map(({ state }) => state.id);
  expect(column({ ...PLAIN, favourites: [9, 3] })).toEqual([9, 3, 1, 2, 4, 5]);
  expect(column({ ...PLAIN, favourites: [9], folded: ["rooms"] }, 2)).toEqual([9, 2, 5]);
  expect(column({ ...PLAIN, only_unread: true }, 1)).toEqual([1, 5]);
});
