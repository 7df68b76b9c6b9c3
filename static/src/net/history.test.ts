// What is asked for of a room, and how often.
import { expect, test } from "vitest";
import type { Input } from "../store/inputs";
import { EMPTY_TIMELINE, type State } from "../store/state";
import { History } from "./history";

const ROOM = 7;

function begin(isNarrow: boolean) {
  const asked: Record<string, unknown>[] = [];
  const timeline = { ...EMPTY_TIMELINE };
  const state = { openRoom: ROOM, synced: true, rooms: new Map([[ROOM, { timeline }]]) };
  const history = new History(
    {
      request: (type: string, fields: unknown) => {
        asked.push({ type, ...(fields as object) });
        return new Promise(() => undefined);
      },
    } as never,
    () => state as unknown as State,
    (input: Input) => {
      if (input.type === "local.loading") timeline.loading = input.which;
    },
    () => isNarrow,
  );
  return { history, asked };
}

test("the newest page is asked for once, by who is first", () => {
  const { history, asked } = begin(false);
  history.look(true);
  void history.show(ROOM);
  expect(asked).toEqual([{ type: "history.get", room: ROOM, limit: 60 }]);
});

test("a narrow screen asks for less to begin with, and for whole pages around a place", () => {
  const { history, asked } = begin(true);
  history.look(true);
  void history.show(ROOM, 500);
  expect(asked).toEqual([
    { type: "history.get", room: ROOM, limit: 30 },
    { type: "history.get", room: ROOM, around: 500, limit: 60 },
  ]);
});
