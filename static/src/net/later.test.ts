// The lists of what is put off: read after each connection and when the server says so, never twice at once.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Reminder } from "../protocol";
import { settled } from "./fakes";
import { Stage } from "./stage";

let stage: Stage;

beforeEach(() => {
  stage = new Stage();
});

afterEach(() => vi.unstubAllGlobals());

const reminder = (id: number): Reminder => ({
  id,
  message: null,
  room: null,
  text: "call",
  label: "",
  due_at: "2026-05-01T09:00:00.000Z",
  state: "waiting",
  created_at: "2026-05-01T00:00:00.000Z",
  client_reminder_id: "abcdefgh",
});
const give = (...items: Reminder[]): void => {
  stage.answerList = (list) =>
    Response.json({ items: list === "reminders" ? items : [], messages: [5], next: null });
};
const shown = (): number[] | undefined => stage.state.later.reminders?.map(({ id }) => id);

describe("the lists", () => {
  it("are read once after a connection, and again after the next one", async () => {
    give(reminder(1));
    await stage.greetAndResume();
    await stage.clock.pass(1_000);
    expect([stage.lists, shown()]).toEqual([["scheduled", "reminders", "saved"], [1]]);
    expect([...(stage.state.later.saved ?? [])]).toEqual([5]);
    stage.wire().breaks();
    await stage.clock.pass(2_000);
    await stage.greetAndResume();
    await stage.clock.pass(1_000);
    expect(stage.lists).toHaveLength(6);
  });

  it("are read again when the server says that they are others, several changes together", async () => {
    await stage.greetAndResume();
    await stage.clock.pass(1_000);
    give(reminder(1), reminder(2));
    for (let time = 0; time < 3; time++) stage.wire().says({ type: "reminders.changed" });
    stage.wire().says({ type: "scheduled.changed" }, { type: "saved.changed" });
    await stage.clock.pass(1_000);
    expect([stage.lists.slice(3).sort(), shown()]).toEqual([
      ["reminders", "saved", "scheduled"],
      [1, 2],
    ]);
  });

  it("that cannot be read say so, and are tried again", async () => {
    stage.answerList = () => Response.json({ error: { code: "busy", detail: "" } }, { status: 503 });
    await stage.greetAndResume();
    await stage.clock.pass(1_000);
    expect([...stage.state.later.failed].sort()).toEqual(["reminders", "saved", "scheduled"]);
    give(reminder(1));
    await stage.clock.pass(30_000);
    expect([stage.state.later.failed.size, shown()]).toEqual([0, [1]]);
  });

  it("that failed are left alone while there is no connection", async () => {
    stage.answerList = () => Response.json({ error: { code: "busy", detail: "" } }, { status: 503 });
    await stage.greetAndResume();
    await stage.clock.pass(1_000);
    stage.wire().breaks();
    const before = stage.lists.length;
    await stage.clock.pass(60_000);
    expect(stage.lists).toHaveLength(before);
  });

  it("are not asked for without a connection", async () => {
    await stage.greetAndResume();
    stage.wire().breaks();
    await stage.clock.pass(100);
    expect(stage.lists).toEqual([]);
  });
});

describe("an order", () => {
  const order = { message: 7, text: "", label: "In 1 hour", client_reminder_id: "abcdefgh" };

  it("goes out with its own id, and the list is read when it is done", async () => {
    await stage.greetAndResume();
    await stage.clock.pass(1_000);
    give(reminder(1));
    await stage.actions.remind({ ...order, dueAt: Date.UTC(2026, 4, 1, 9) });
    const { url, init } = stage.requests.at(-1)!;
    expect([url, init.method, JSON.parse(String(init.body))]).toEqual([
      "/api/v1/reminders",
      "POST",
      { ...order, due_at: "2026-05-01T09:00:00.000Z" },
    ]);
    expect(shown()).toEqual([1]);
  });

  it("that is refused says why, and the list is read all the same", async () => {
    await stage.greetAndResume();
    await stage.clock.pass(1_000);
    const before = stage.lists.length;
    stage.answer = () =>
      Response.json({ error: { code: "conflict", detail: "it is done" } }, { status: 409 });
    await expect(stage.actions.finishReminder(3)).rejects.toMatchObject({ code: "conflict" });
    expect(stage.lists.slice(before)).toEqual(["reminders"]);
  });

  it("for a message names the room, the text, the time and the clock by which it was chosen", async () => {
    await stage.greetAndResume();
    const scheduled = { room: 1, body: "later", parent: null, client_scheduled_id: "abcdefgh" };
    await stage.actions.schedule({ ...scheduled, dueAt: Date.UTC(2026, 4, 1, 9) });
    const { url, init } = stage.requests.at(-1)!;
    const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect([url, JSON.parse(String(init.body))]).toEqual([
      "/api/v1/scheduled",
      { ...scheduled, due_at: "2026-05-01T09:00:00.000Z", time_zone },
    ]);
  });

  it("that comes while the list is read has it read once more", async () => {
    let answer: (response: Response) => void = () => undefined;
    vi.stubGlobal("fetch", (url: string) => {
      if (!/\/reminders\?/.test(url)) return Promise.resolve(Response.json({ items: [], next: null }));
      stage.lists.push("reminders");
      return new Promise<Response>((resolve) => {
        answer = resolve;
      });
    });
    stage.actions.readLater("reminders");
    await settled();
    const done = stage.actions.finishReminder(1);
    await settled();
    answer(Response.json({ items: [reminder(1)], next: null }));
    await settled();
    answer(Response.json({ items: [], next: null }));
    await done;
    expect([stage.lists.filter((list) => list === "reminders").length, shown()]).toEqual([2, []]);
  });
});
