// @vitest-environment happy-dom
// What is said of calls before a text is sent.
import { render } from "preact";
import { act } from "preact/test-utils";
import { beforeAll, expect, test } from "vitest";
import type { RoomCallers, Sender } from "../../protocol";
import { useLanguage } from "../../text/t";
import { CallNote } from "./CallNote";
import type { CallReach } from "./calls";

const person = (id: number, name: string): Sender => ({
  id,
  handle: name,
  name,
  avatar: null,
  is_bot: false,
});
const reach = (fields: Partial<CallReach>): CallReach => ({
  name: "room",
  kind: "room",
  group: null,
  is_allowed: true,
  people: 12,
  outside: [],
  outside_count: 0,
  ...fields,
});

function said(reaches: CallReach[], rule: RoomCallers = "auto", isAnswer = false): string[] {
  const place = document.createElement("div");
  act(() => render(<CallNote reaches={reaches} rule={rule} isAnswer={isAnswer} />, place));
  expect(place.querySelector("[role=status]")).not.toBeNull();
  return [...place.querySelectorAll("li")].map((line) => line.textContent ?? "");
}

beforeAll(() => useLanguage("en"));

test("nothing is said of nothing", () => {
  expect(said([])).toEqual([]);
});

test("how many are told, and of the room once", () => {
  expect(said([reach({}), reach({ name: "all" })])).toEqual(["@room tells 12 people."]);
  expect(said([reach({ people: 1, name: "here", kind: "here" })])).toEqual(["@here tells 1 person."]);
});

test("what stays a word, and why", () => {
  const refused = [reach({ is_allowed: false, people: 0 })];
  expect(said(refused)[0]).toContain("Only moderators");
  expect(said(refused, "nobody")[0]).toContain("Nobody calls");
  expect(said([reach({})], "auto", true)[0]).toContain("In a thread");
});

test("who of a group is not in the room", () => {
  const outside = ["Ann", "Ben", "Cho", "Dee"].map((name, id) => person(id + 1, name));
  const group = { name: "design", kind: "group", group: 7, people: 2 } as const;
  expect(said([reach({ ...group, outside: outside.slice(0, 2), outside_count: 2 })], "auto", true)).toEqual([
    "@design tells 2 people. Not in this room and not told: Ann, Ben.",
  ]);
  expect(said([reach({ ...group, outside, outside_count: 9 })])[0]).toContain("Ann, Ben, Cho and 6 more.");
});
