// Who has read how far: whatever the order of the list and of what is heard.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { opened, posted, posts, run } from "./cast";
import { ME, ModelServer, ROOM } from "./model_server";
import type { State } from "./state";

const BOB = { id: 2, handle: "bob", name: "bob", avatar: null, is_bot: false };
const state = (): State => opened(new ModelServer(posts(5)));
const list = (...readers: [number, number][]) =>
  ({ type: "local.seen", room: ROOM, readers: readers.map(([user, msg_no]) => ({ user, msg_no })) }) as const;
const heard = (...readers: [number, number][]) => ({ ...list(...readers), type: "seen" }) as const;
const seen = (now: State): Record<string, number> => Object.fromEntries(now.seen.get(ROOM) ?? []);

describe("who has read how far", () => {
  it("is the list and what is heard, in whatever order", () => {
    expect(seen(run(state(), list([2, 3], [3, 1]), heard([2, 5])))).toEqual({ 2: 5, 3: 1 });
    expect(seen(run(state(), heard([2, 5]), list([2, 3], [3, 1])))).toEqual({ 2: 5, 3: 1 });
    expect(seen(run(state(), list([2, 3]), heard([2, 5]), heard([2, 4])))).toEqual({ 2: 5 });
  });

  it("leaves me out, and rooms that nobody looks at", () => {
    expect(seen(run(state(), list([2, 3]), heard([ME.id, 5])))).toEqual({ 2: 3 });
    const away = run(state(), { type: "local.entered", room: null }, heard([2, 5]));
    expect(away.seen.size).toBe(0);
  });

  it("follows who writes, where they show it", () => {
    const now = run(state(), list([2, 3]), posted(6, { sender: BOB }));
    expect(seen(now)).toEqual({ 2: 6 });
    expect(seen(run(state(), list([3, 1]), posted(6, { sender: BOB })))).toEqual({ 3: 1 });
    const inThread = posted(6, { sender: BOB, parent: 1, msg_no: null });
    expect(seen(run(state(), list([2, 3]), inThread))).toEqual({ 2: 3 });
  });

  it("is read anew after each connection", () => {
    const server = new ModelServer(posts(5));
    const now = run(opened(server), list([2, 3]), {
      type: "local.resumed",
      result: server.resume(5),
    });
    expect(now.seen.size).toBe(0);
  });

  it("is the furthest that was told of each, in whatever order and however often", () => {
    const reader = fc.tuple(fc.constantFrom(2, 3, 4), fc.integer({ min: 0, max: 9 }));
    const told = fc.array(fc.array(reader, { minLength: 1, maxLength: 3 }), { maxLength: 8 });
    fc.assert(
      fc.property(told, fc.nat(), fc.nat(), (events, at, repeated) => {
        const base = list([2, 0], [3, 0], [4, 0]);
        const inputs = events.map((readers) => heard(...readers));
        const again = inputs.length > 0 ? [inputs[repeated % inputs.length]!] : [];
        const mixed = [...inputs, ...again].toSpliced(at % (inputs.length + 1), 0, base as never);
        const furthest = (user: number): number =>
          Math.max(0, ...events.flat().flatMap(([who, msgNo]) => (who === user ? [msgNo] : [])));
        expect(seen(run(state(), ...mixed))).toEqual({ 2: furthest(2), 3: furthest(3), 4: furthest(4) });
      }),
      { numRuns: 60 },
    );
  });
});
