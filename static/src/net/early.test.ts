// A connection that was begun before the page ran.
import { expect, test } from "vitest";
import { takeEarly } from "./early";
import type { Wire } from "./socket";

function early(readyState: number, ...heard: string[]) {
  const wire = { readyState, send() {}, close() {}, onopen: null, onmessage: null, onclose: null } as Wire & {
    readyState: number;
  };
  return { maruEarly: { wire, heard: heard.map((data) => ({ data, timeStamp: 400 })) } };
}

function listen(wire: Wire): string[] {
  const told: string[] = [];
  wire.onopen = () => told.push("open");
  wire.onmessage = ({ data }) => told.push(String(data));
  return told;
}

test("what was heard before is told after the opening, in order, to who takes it over", async () => {
  const place = early(1, "hello", "more");
  const told = listen(takeEarly(place, 1_000)!.wire);
  expect(told).toEqual([]);
  await Promise.resolve();
  expect(told).toEqual(["open", "hello", "more"]);
});

test("it is told how long the first word has waited, so that no clock is set by it", () => {
  expect(takeEarly(early(1, "hello", "more"), 1_000)?.lateMs).toBe(600);
  expect(takeEarly(early(1), 1_000)?.lateMs).toBe(0);
});

test("it is taken once", () => {
  const place = early(1);
  expect(takeEarly(place, 0)).not.toBeNull();
  expect(takeEarly(place, 0)).toBeNull();
});

test("one that is still on its way opens later, by itself", async () => {
  const told = listen(takeEarly(early(0), 1_000)!.wire);
  await Promise.resolve();
  expect(told).toEqual([]);
});

test.each([2, 3])("one that has ended (state %i) is none: the page makes its own and hears why", (state) => {
  expect(takeEarly(early(state, "bye"), 0)).toBeNull();
});

test("without one there is none", () => {
  expect(takeEarly({}, 0)).toBeNull();
});
