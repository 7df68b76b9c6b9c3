// The maths of not moving what a person reads.
import { describe, expect, test } from "vitest";
import { anchorOf, isAtEnd, isLeaving, type Row, scrollFor, scrollTo } from "./anchor";

const rows: Row[] = [
  { key: "a", top: 0, height: 100 },
  { key: "b", top: 100, height: 50 },
  { key: "c", top: 150, height: 300 },
];

const anchorIn = (list: Row[], scrollTop: number) =>
  anchorOf(list.length, (index) => list[index]!, scrollTop);

describe("anchorOf", () => {
  test("is the first row of which something is visible", () => {
    expect(anchorIn(rows, 0)).toEqual({ key: "a", offset: 0 });
    expect(anchorIn(rows, 99)).toEqual({ key: "a", offset: -99 });
    expect(anchorIn(rows, 100)).toEqual({ key: "b", offset: 0 });
    expect(anchorIn(rows, 200)).toEqual({ key: "c", offset: -50 });
  });

  test("is nothing in an empty list and behind the end", () => {
    expect(anchorIn([], 0)).toBeNull();
    expect(anchorIn(rows, 450)).toBeNull();
  });

  test("a row keeps its place when 500 pixels arrive above it", () => {
    const anchor = anchorIn(rows, 120)!;
    const moved = scrollFor(anchor, 100 + 500);
    expect(moved).toBe(620);
    expect(600 - moved).toBe(anchor.offset);
  });
});

describe("isAtEnd", () => {
  test("forgives rounding, not a message", () => {
    expect(isAtEnd(400, 600, 1000)).toBe(true);
    expect(isAtEnd(380, 600, 1000)).toBe(true);
    expect(isAtEnd(340, 600, 1000)).toBe(false);
  });
});

describe("isLeaving", () => {
  test("is told from where the end was, before the browser tells of the scroll", () => {
    expect(isLeaving(200, 600, 1000, 400)).toBe(true);
    expect(isLeaving(200, 600, 1300, 400)).toBe(true);
    expect(isLeaving(399.5, 600, 1000, 400)).toBe(false);
  });

  test("is not that the end came up: a message went, or the window grew", () => {
    expect(isLeaving(350, 600, 950, 400)).toBe(false);
    expect(isLeaving(300, 700, 1000, 400)).toBe(false);
    expect(isLeaving(400, 600, 1200, 400)).toBe(false);
  });
});

describe("scrollTo", () => {
  test("centres a row", () => {
    expect(scrollTo(1000, 100, 500, 5000, 0.5)).toBe(800);
  });

  test("stays inside the content", () => {
    expect(scrollTo(10, 20, 500, 5000, 0.3)).toBe(0);
    expect(scrollTo(4990, 10, 500, 5000, 0.3)).toBe(4500);
    expect(scrollTo(50, 10, 500, 300, 0.5)).toBe(0);
  });
});
