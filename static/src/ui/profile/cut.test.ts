// The square stays inside of the picture, whatever is done to it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Cut, cutAt, firstCut, moved } from "./cut";

const WIDE = { width: 900, height: 300 };

test("it begins as the largest square, out of the middle", () => {
  expect(firstCut(WIDE)).toEqual({ x: 300, y: 0, side: 300, zoom: 1 });
});

test("nearer, the middle stays where it is", () => {
  expect(cutAt(firstCut(WIDE), 2, WIDE)).toEqual({ x: 375, y: 75, side: 150, zoom: 2 });
});

test("no way of moving and zooming leads over the edge", () => {
  const size = fc.record({
    width: fc.integer({ min: 1, max: 5000 }),
    height: fc.integer({ min: 1, max: 5000 }),
  });
  const part = fc.double({ min: -3, max: 3, noNaN: true });
  const step = fc.oneof(
    fc.tuple(part, part).map(
      ([dx, dy]) =>
        (cut: Cut, of: typeof WIDE) =>
          moved(cut, dx, dy, of),
    ),
    fc
      .double({ min: 1, max: 4, noNaN: true })
      .map((zoom) => (cut: Cut, of: typeof WIDE) => cutAt(cut, zoom, of)),
  );
  fc.assert(
    fc.property(size, fc.array(step, { maxLength: 12 }), (of, steps) => {
      const cut = steps.reduce((now, next) => next(now, of), firstCut(of));
      expect(cut.x).toBeGreaterThanOrEqual(0);
      expect(cut.y).toBeGreaterThanOrEqual(0);
      expect(cut.x + cut.side).toBeLessThanOrEqual(of.width + 1e-6);
      expect(cut.y + cut.side).toBeLessThanOrEqual(of.height + 1e-6);
    }),
  );
});
