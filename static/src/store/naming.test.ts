// Whom a message names or calls.
import { expect, test } from "vitest";
import type { Call, Sender } from "../protocol";
import { callsMe, namesMe } from "./naming";

const sender = (id: number): Sender => ({ id, handle: "x", name: "X", avatar: null, is_bot: false });
const call = (kind: Call["kind"], users: number[] = []): Call => ({ kind, group: null, users });
const said = (calls: Call[] | undefined, by = 2, mentions: number[] = []) => ({
  mentions,
  sender: sender(by),
  ...(calls ? { calls } : {}),
});

test.each([
  [undefined, false],
  [[], false],
  [[call("room")], true],
  [[call("here", [1, 3])], true],
  [[call("here", [3])], false],
  [[call("group", [3]), call("group", [1])], true],
])("%j calls me: %j", (calls, expected) => {
  expect(callsMe(said(calls), 1)).toBe(expected);
});

test("nobody calls themselves", () => {
  expect(callsMe(said([call("room")], 1), 1)).toBe(false);
});

test("my name in it is enough", () => {
  expect(namesMe(said(undefined, 2, [1]), 1)).toBe(true);
  expect(namesMe(said(undefined), 1)).toBe(false);
  expect(namesMe(said([call("room")]), 1)).toBe(true);
});
