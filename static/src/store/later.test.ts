// What is put off, as the page knows it: lists, what rings, and what waits for me.
import { expect, test } from "vitest";
import type { Reminder } from "../protocol";
import { run } from "./cast";
import { type Scheduled, waitingForMe } from "./later";
import { ME } from "./model_server";
import { emptyState, type State } from "./state";

const reminder = (id: number, fields: Partial<Reminder> = {}): Reminder => ({
  id,
  message: null,
  room: null,
  text: `thing ${id}`,
  label: "",
  due_at: `2026-05-0${id}T09:00:00.000Z`,
  state: "waiting",
  created_at: "2026-05-01T00:00:00.000Z",
  client_reminder_id: `reminder-${id}`,
  ...fields,
});
const scheduled = (id: number, fields: Partial<Scheduled> = {}): Scheduled => ({
  id,
  room: 1,
  parent: null,
  body: `text ${id}`,
  due_at: `2026-05-0${id}T09:00:00.000Z`,
  time_zone: "",
  state: "waiting",
  error: null,
  message: null,
  seq: null,
  created_at: "2026-05-01T00:00:00.000Z",
  client_scheduled_id: `scheduled-${id}`,
  ...fields,
});
const began = (...reminders: Reminder[]): State =>
  run(emptyState(ME), { type: "local.reminders", items: reminders });
const due = (one: Reminder) => ({
  type: "reminder.due" as const,
  reminder: { ...one, state: "due" as const },
});
const ids = (list: readonly { id: number }[] | null): number[] | undefined => list?.map(({ id }) => id);

test("a list is in the order of its times, not of its making", () => {
  const late = scheduled(1, { due_at: "2026-06-01T00:00:00.000Z" });
  const state = run(emptyState(ME), { type: "local.scheduled", items: [late, scheduled(3), scheduled(2)] });
  expect(ids(state.later.scheduled)).toEqual([2, 3, 1]);
});

test("a reminder whose time has come rings once, however often it is said", () => {
  const state = run(began(reminder(1), reminder(2)), due(reminder(2)), due(reminder(2)));
  expect(state.later.ringing).toEqual([2]);
  expect(state.later.reminders?.find(({ id }) => id === 2)?.state).toBe("due");
});

test("one that is said before the list has come rings, too", () => {
  const state = run(emptyState(ME), due(reminder(4)));
  expect([state.later.ringing, ids(state.later.reminders)]).toEqual([[4], [4]]);
});

test("what was seen stays in the list and is quiet", () => {
  const state = run(began(reminder(1)), due(reminder(1)), { type: "local.hushed", reminder: 1 });
  expect([state.later.ringing, waitingForMe(state.later)]).toEqual([[], 1]);
  expect(run(state, due(reminder(1))).later.ringing).toEqual([]);
});

test("what was put off rings again at its new time", () => {
  const again = reminder(1, { due_at: "2026-05-09T09:00:00.000Z" });
  const state = run(
    began(reminder(1)),
    due(reminder(1)),
    { type: "local.reminders", items: [again] },
    due(again),
  );
  expect(state.later.ringing).toEqual([1]);
});

test("what another device has answered rings here no more", () => {
  const state = run(began(reminder(1), reminder(2)), due(reminder(1)), due(reminder(2)), {
    type: "local.reminders",
    items: [{ ...reminder(2), state: "due" }],
  });
  expect(state.later.ringing).toEqual([2]);
});

test("reminders that are due and messages that were not sent wait for me", () => {
  const failed = scheduled(2, { state: "failed", error: { code: "archived", detail: "" } });
  const state = run(began(reminder(1, { state: "due" }), reminder(2)), {
    type: "local.scheduled",
    items: [scheduled(1), failed],
  });
  expect(waitingForMe(state.later)).toBe(2);
});

test("a list that could not be read is kept as it was, and says so until it comes", () => {
  const failed = run(began(reminder(1)), { type: "local.later_failed", list: "reminders" });
  expect([ids(failed.later.reminders), [...failed.later.failed]]).toEqual([[1], ["reminders"]]);
  const back = run(failed, { type: "local.reminders", items: [] });
  expect([ids(back.later.reminders), back.later.failed.size]).toEqual([[], 0]);
});
