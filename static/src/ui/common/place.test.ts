// A floating box stays inside the window.
import { describe, expect, test } from "vitest";
import { placeBox } from "./place";

const view = { width: 400, height: 600 };

describe("placeBox", () => {
  test("goes below and starts where the anchor starts", () => {
    const spot = placeBox(
      { top: 100, left: 50, width: 30, height: 20 },
      { width: 200, height: 150 },
      view,
      "start",
    );
    expect(spot).toEqual({ top: 126, left: 50, maxHeight: 466 });
  });

  test("goes above when below is too small and above is larger", () => {
    const spot = placeBox(
      { top: 500, left: 50, width: 30, height: 20 },
      { width: 200, height: 150 },
      view,
      "start",
    );
    expect(spot.top + 150).toBe(494);
  });

  test("never leaves the window on either side", () => {
    const box = { width: 200, height: 50 };
    expect(placeBox({ top: 10, left: 390, width: 10, height: 10 }, box, view, "start").left).toBe(192);
    expect(placeBox({ top: 10, left: 0, width: 10, height: 10 }, box, view, "end").left).toBe(8);
  });

  test("is cut to the room that there is", () => {
    const spot = placeBox(
      { top: 290, left: 0, width: 10, height: 20 },
      { width: 100, height: 900 },
      view,
      "start",
    );
    expect(spot.maxHeight).toBe(276);
    expect(spot.top).toBeGreaterThanOrEqual(0);
  });
});
