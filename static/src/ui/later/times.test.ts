// Which times are offered, and what of a typed time is taken.
import { describe, expect, it } from "vitest";
import { chosenAt, fieldsOf, lastDay, nextHour, remindPresets, sendPresets } from "./times";

const at = (...fields: [number, number, number, number?, number?, number?]): number =>
  new Date(fields[0], fields[1] - 1, fields[2], fields[3] ?? 0, fields[4] ?? 0, fields[5] ?? 0).getTime();
// A Wednesday, in the afternoon.
const NOW = at(2026, 5, 6, 15, 20, 31);
const shown = (list: { key: string; at: number }[]): string[] =>
  list.map((preset) => `${preset.key} ${Object.values(fieldsOf(preset.at)).join(" ")}`);

describe("what is offered", () => {
  it("for a message: in an hour, tomorrow and Monday at nine", () => {
    expect(shown(sendPresets(NOW))).toEqual([
      "later.in_1h 2026-05-06 16:21",
      "later.tomorrow_9 2026-05-07 09:00",
      "later.monday_9 2026-05-11 09:00",
    ]);
  });

  it("on a Sunday names Monday once, and on a Monday the next one", () => {
    expect(sendPresets(at(2026, 5, 10, 12)).map(({ key }) => key)).toEqual([
      "later.in_1h",
      "later.tomorrow_9",
    ]);
    expect(shown(sendPresets(at(2026, 5, 11, 8))).at(-1)).toBe("later.monday_9 2026-05-18 09:00");
  });

  it("for a reminder: in 20 minutes, one hour, three hours, and tomorrow at nine", () => {
    expect(shown(remindPresets(NOW))).toEqual([
      "later.in_20min 2026-05-06 15:41",
      "later.in_1h 2026-05-06 16:21",
      "later.in_3h 2026-05-06 18:21",
      "later.tomorrow_9 2026-05-07 09:00",
    ]);
  });

  it("is never past, whatever the second", () => {
    for (const preset of [...sendPresets(NOW), ...remindPresets(NOW)]) expect(preset.at).toBeGreaterThan(NOW);
  });
});

describe("a typed time", () => {
  it("is taken by the clock of this device", () => {
    expect(chosenAt("2026-05-07", "09:30", NOW)).toBe(at(2026, 5, 7, 9, 30));
  });

  it.each([
    ["", "09:30", "later.choose_missing"],
    ["2026-05-07", "", "later.choose_missing"],
    ["tomorrow", "09:30", "later.choose_missing"],
    ["2026-05-06", "15:20", "later.choose_past"],
    ["2025-12-31", "23:59", "later.choose_past"],
    ["2027-06-06", "15:20", "later.choose_far"],
  ])("%s %s is refused: %s", (date, time, why) => {
    expect(chosenAt(date, time, NOW)).toBe(why);
  });

  it("goes back into its fields", () => {
    const when = at(2026, 1, 2, 3, 4);
    const { date, time } = fieldsOf(when);
    expect([date, time, chosenAt(date, time, NOW - 200 * 86_400_000)]).toEqual(["2026-01-02", "03:04", when]);
  });

  it("begins at the next full hour and ends a year ahead", () => {
    expect(nextHour(NOW)).toBe(at(2026, 5, 6, 16));
    expect(lastDay(NOW)).toBe("2027-05-07");
  });
});
