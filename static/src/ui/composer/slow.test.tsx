// @vitest-environment happy-dom
// A room that is slowed down: what counts down, when it ends, and for whom it does not count.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RoomState } from "../../protocol";
import { apply } from "../../store/apply";
import { opened, posted, posts, waiting } from "../../store/cast";
import { ModelServer, ROOM } from "../../store/model_server";
import { state } from "../../store/signals";
import { useLanguage } from "../../text/t";
import { SlowNote, shortTime } from "./SlowNote";
import { useWait } from "./slow";

const place = document.createElement("div");
const NOW = Date.parse("2026-01-02T03:00:00.000Z");

function Line() {
  const wait = useWait(ROOM);
  return (
    <p data-left={wait.leftS} data-sending={wait.isSending || undefined}>
      <SlowNote wait={wait} />
    </p>
  );
}

function set(fields: Partial<RoomState>): void {
  act(() => {
    const rooms = new Map(state.value.rooms);
    const room = rooms.get(ROOM)!;
    rooms.set(ROOM, { ...room, state: { ...room.state, ...fields } });
    state.value = { ...state.value, rooms };
  });
}

beforeEach(async () => {
  vi.useFakeTimers({ now: NOW });
  await useLanguage("en");
  const known = opened(new ModelServer(posts(1)));
  state.value = { ...known, me: { ...known.me, role: "member" } };
  set({ role: "member", slow_s: 30 });
  act(() => render(<Line />, place));
});

afterEach(() => {
  act(() => render(null, place));
  vi.useRealTimers();
});

const words = (): string => place.querySelector("p")?.textContent ?? "";
const left = (): string | undefined => place.querySelector("p")?.dataset.left;

test("it says how often one may write, and counts down after a message of mine", () => {
  expect(words()).toBe("Slow mode: one message every 30 seconds");
  const at = new Date(NOW).toISOString();
  act(() => {
    state.value = apply(state.value, posted(2, { sender: { ...state.value.me }, at }), NOW);
  });
  expect(left()).toBe("30");
  act(() => void vi.advanceTimersByTime(1_000));
  expect([left(), words()]).toEqual(["29", expect.stringContaining("You can write again in 29 seconds")]);
  act(() => void vi.advanceTimersByTime(29_000));
  expect([left(), words()]).toEqual(["0", "Slow mode: one message every 30 seconds"]);
});

test("while one of mine is on its way I wait for it", () => {
  act(() => {
    state.value = { ...state.value, pending: [waiting("a")] };
  });
  expect(place.querySelector("p")?.dataset.sending).toBe("true");
});

test("a shorter wait holds at once, and none ends it", () => {
  set({ slow_s: 600, slow_until: new Date(NOW + 590_000).toISOString() });
  expect(left()).toBe("590");
  const change = (slow_s: number, seq: number) => {
    const { name, topic, slug, previews, seen, posting, calls } = state.value.rooms.get(ROOM)!.state;
    const fields = { name, topic, slug, kind: "open" as const, archived: false, deleted: false };
    const told = { ...fields, previews, seen, posting, calls, slow_s };
    act(() => {
      state.value = apply(
        state.value,
        { type: "room.changed", room: ROOM, seq, at: "", fields: told, by: 2 },
        NOW,
      );
    });
  };
  change(60, 2);
  expect(left()).toBe("50");
  change(0, 3);
  expect([left(), words()]).toEqual(["0", ""]);
});

test("who moderates the room does not wait", () => {
  set({ role: "moderator", slow_until: new Date(NOW + 5_000).toISOString() });
  expect([left(), words()]).toEqual(["0", ""]);
});

test("what is left is written as on a clock", () => {
  expect([9, 69, 600, 3_609].map(shortTime)).toEqual(["9", "1:09", "10:00", "1:00:09"]);
});
