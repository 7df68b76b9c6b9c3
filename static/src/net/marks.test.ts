import { expect, test } from "vitest";
import type { Api } from "./api";
import { FakeClock } from "./fakes";
import { Marks } from "./marks";

test("whoever marks many rooms at once tells of a few in each second, and of all in the end", async () => {
  const clock = new FakeClock();
  const said: number[] = [];
  const marks = new Marks(clock, {} as Api);
  marks.attach({
    request: async (_type: string, fields: { room: number }) => {
      said.push(fields.room);
      return {};
    },
  } as unknown as Parameters<Marks["attach"]>[0]);
  marks.open();
  for (let room = 1; room <= 30; room++) marks.note(room, 5, 0);
  const counts = [said.length];
  for (let second = 0; second < 5; second++) {
    await clock.pass(1_000);
    counts.push(said.length);
  }
  expect(Math.max(...counts.map((count, at) => count - (counts[at - 1] ?? 0)))).toBeLessThanOrEqual(8);
  expect([...said].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
});
