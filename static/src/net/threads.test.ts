// The threads that I follow: read after each connection and when the count is unsure; what is read is told once.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ThreadState } from "../protocol";
import { ROOM } from "../store/model_server";
import { Stage } from "./stage";

let stage: Stage;

beforeEach(() => {
  stage = new Stage();
});

afterEach(() => vi.unstubAllGlobals());

const followed = (fields: Partial<ThreadState> = {}): ThreadState => ({
  message: 7,
  room: ROOM,
  read_seq: 3,
  unread: 2,
  counted_seq: 20,
  last_at: "2026-05-01T09:00:00.000Z",
  ...fields,
});
const give = (...items: ThreadState[]): void => {
  stage.answerThreads = () => Response.json({ items, next: null });
};
const marks = () => stage.wire().sent.filter((frame) => frame.type === "thread.read");
const begin = async (): Promise<void> => {
  await stage.greetAndResume();
  await stage.clock.pass(1_000);
};

describe("the list", () => {
  it("is read once after each connection", async () => {
    give(followed());
    await begin();
    expect([stage.threadReads.length, stage.state.threads.followed?.get(7)?.count]).toEqual([1, 2]);
    stage.wire().breaks();
    await stage.clock.pass(2_000);
    await begin();
    expect(stage.threadReads).toHaveLength(2);
  });

  it("is read again when the server says that I follow another thread, several together", async () => {
    await begin();
    for (const thread of [8, 9])
      stage.wire().says({ type: "thread.changed", room: ROOM, thread, is_followed: true, read_seq: 3 });
    give(followed({ message: 8 }), followed({ message: 9 }));
    await stage.clock.pass(1_000);
    expect([stage.threadReads.length, stage.state.threads.followed?.size]).toEqual([2, 2]);
  });

  it("is read again when I come to follow a thread while the first list is on its way", async () => {
    let resolve!: (answer: Response) => void;
    const first = new Promise<Response>((done) => {
      resolve = done;
    });
    stage.answerThreads = () => first;
    await begin();
    stage.wire().says({ type: "thread.changed", room: ROOM, thread: 7, is_followed: true, read_seq: 3 });
    resolve(Response.json({ items: [], next: null }));
    give(followed());
    await stage.clock.pass(1_000);
    expect([stage.threadReads.length, stage.state.threads.followed?.get(7)?.count]).toEqual([2, 2]);
  });

  it("that cannot be read is tried again", async () => {
    stage.answerThreads = () => Response.json({ error: { code: "busy", detail: "" } }, { status: 503 });
    await begin();
    expect(stage.state.threads.failed).toBe(true);
    give(followed());
    await stage.clock.pass(30_000);
    expect([stage.state.threads.failed, stage.state.threads.followed?.size]).toEqual([false, 1]);
  });
});

describe("what is read", () => {
  it("is told at once, then at most once a second, the highest", async () => {
    give(followed());
    await begin();
    for (const seq of [10, 11, 12]) stage.actions.readThread(7, seq);
    expect(marks().map(({ seq }) => seq)).toEqual([10]);
    await stage.clock.pass(1_000);
    expect(marks().map(({ seq }) => seq)).toEqual([10, 12]);
    stage.actions.readThread(7, 5);
    await stage.clock.pass(5_000);
    expect(marks()).toHaveLength(2);
  });

  it("while there was no connection is told by the next one", async () => {
    give(followed());
    await begin();
    stage.wire().breaks();
    stage.actions.readThread(7, 20);
    await stage.clock.pass(2_000);
    await stage.greetAndResume();
    expect(marks().map(({ message, seq }) => [message, seq])).toEqual([[7, 20]]);
  });
});
