// Where a room opens.
import { expect, test } from "vitest";
import type { Message } from "../../protocol";
import type { Item } from "./items";
import { startOf } from "./start";

const said = (seq: number): Item => ({
  kind: "message",
  key: `m-${seq}`,
  message: { id: seq, seq } as Message,
  isHead: true,
});
const line: Item = { kind: "new", key: "new" };

test("at the end when everything is read", () => {
  expect(startOf([said(1), said(2)], null, false)).toEqual({ at: "end" });
  expect(startOf([], null, false)).toEqual({ at: "end" });
});

test("with the line of new messages in sight", () => {
  expect(startOf([said(1), line, said(2)], null, true)).toEqual({ at: "row", key: "new", part: 0.2 });
});

test("at the end when not even the oldest loaded message is read, unless it is the first of the room", () => {
  expect(startOf([line, said(1), said(2)], null, true)).toEqual({ at: "end" });
  expect(startOf([line, said(1), said(2)], null, false)).toEqual({ at: "row", key: "new", part: 0.2 });
});

test("at the message that was asked for, or the next one when it is not shown", () => {
  expect(startOf([said(1), line, said(4)], 4, true)).toEqual({ at: "row", key: "m-4", part: 0.5 });
  expect(startOf([said(1), said(4)], 3, true)).toEqual({ at: "row", key: "m-4", part: 0.5 });
});

test("where it was left, or at the message after it when that one is gone", () => {
  const kept = { key: "m-3", offset: -12, seq: 3 };
  const items = [said(1), said(3), line, said(5)];
  expect(startOf(items, null, true, kept)).toEqual({ at: "kept", key: "m-3", offset: -12 });
  expect(startOf([said(1), said(5)], 1, true, kept)).toEqual({ at: "kept", key: "m-5", offset: -12 });
  expect(startOf([said(1)], null, true, kept)).toEqual({ at: "end" });
});
