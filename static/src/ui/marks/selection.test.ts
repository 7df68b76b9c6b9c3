import { afterEach, expect, it } from "vitest";
import type { Message } from "../../protocol";
import {
  endSelection,
  isSelecting,
  keepSelected,
  SELECTED_MAX_COUNT,
  selection,
  startSelection,
  toggle,
} from "./selection";

const message = (id: number, fields: Partial<Message> = {}): Message =>
  ({ id, room: 1, parent: null, ...fields }) as Message;
const chosen = (): number[] => [...(selection.value?.ids ?? [])].sort((a, b) => a - b);

afterEach(endSelection);

it("takes one by one, and lets go again", () => {
  startSelection(message(3));
  toggle(5);
  toggle(3);
  expect(chosen()).toEqual([5]);
});

it("takes all between with Shift, in both directions", () => {
  startSelection(message(3));
  toggle(7, [1, 3, 4, 7, 9]);
  expect(chosen()).toEqual([3, 4, 7]);
  toggle(1, [1, 3, 4, 7, 9]);
  expect(chosen()).toEqual([1, 3, 4, 7]);
});

it("is about one place only", () => {
  startSelection(message(3));
  expect(isSelecting(message(4))).toBe(true);
  expect(isSelecting(message(4, { room: 2 }))).toBe(false);
  expect(isSelecting(message(4, { parent: 3 }))).toBe(false);
});

it("has a bound", () => {
  startSelection(message(0));
  toggle(
    999,
    Array.from({ length: 1_000 }, (_, id) => id),
  );
  expect(chosen()).toHaveLength(SELECTED_MAX_COUNT);
});

it("ends when nothing is left of it", () => {
  startSelection(message(3));
  keepSelected([3]);
  expect(chosen()).toEqual([3]);
  keepSelected([]);
  expect(selection.value).toBeNull();
});
