import { describe, expect, it } from "vitest";
import type { Poll } from "../../protocol";
import { chosenIn, isOver, nextChoices, percentOf, winnersOf } from "./polls";

const poll = (votes: number[][], fields: Partial<Poll> = {}): Poll => ({
  options: votes.map((users, place) => ({ text: `option ${place}`, votes: users.length, users })),
  multiple: false,
  anonymous: false,
  voters: new Set(votes.flat()).size,
  closes_at: null,
  closed_at: null,
  ...fields,
});
const AT = "2026-05-01T09:00:00.000Z";

describe("a poll", () => {
  it("is over when it was closed, or at its time", () => {
    expect(isOver(poll([[], []]), Date.parse(AT))).toBe(false);
    expect(isOver(poll([[], []], { closed_at: AT }), 0)).toBe(true);
    expect(isOver(poll([[], []], { closes_at: AT }), Date.parse(AT) - 1)).toBe(false);
    expect(isOver(poll([[], []], { closes_at: AT }), Date.parse(AT))).toBe(true);
  });

  it("counts people, not crosses", () => {
    const found = poll([[1, 2, 3], [1], []], { multiple: true });
    expect([0, 1, 2].map((place) => percentOf(found, place))).toEqual([100, 33, 0]);
    expect(percentOf(poll([[], []]), 0)).toBe(0);
  });

  it("is won by the most, by several, or by nobody", () => {
    expect(winnersOf(poll([[1], [2, 3], [4]]))).toEqual([1]);
    expect(winnersOf(poll([[1], [2], []]))).toEqual([0, 1]);
    expect(winnersOf(poll([[], []]))).toEqual([]);
  });
});

describe("what I have chosen", () => {
  it("is read from who is named", () => {
    expect(chosenIn(poll([[1], [2]]), 2)).toEqual([1]);
    expect(chosenIn(poll([[1], [2]]), 3)).toEqual([]);
    expect(chosenIn(poll([[], []], { anonymous: true }), 3)).toEqual([]);
  });

  it("is not known where nobody is named, or not everybody", () => {
    const anonymous = poll([[], []], { anonymous: true, voters: 1 });
    expect(chosenIn(anonymous, 1)).toBeNull();
    const many = poll([[1], []], { voters: 60 });
    many.options[0]!.votes = 60;
    expect(chosenIn(many, 1)).toEqual([0]);
    expect(chosenIn(many, 2)).toBeNull();
  });

  it("takes the place of the one before, or stands beside it", () => {
    expect(nextChoices(poll([[], [], []]), [2], 0)).toEqual([0]);
    const several = poll([[], [], []], { multiple: true });
    expect(nextChoices(several, [2], 0)).toEqual([0, 2]);
    expect(nextChoices(several, [0, 2], 2)).toEqual([0]);
  });
});
