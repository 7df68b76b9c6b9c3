// What is unread in my threads: whatever the order of the list, of what is said and of what is read.
import { describe, expect, it } from "vitest";
import type { Message, ThreadState } from "../protocol";
import { opened, posted, posts, run } from "./cast";
import { ME, ModelServer, ROOM } from "./model_server";
import type { State } from "./state";
import { unreadOf, unreadThreads } from "./threads";

const ROOT = 1_000;
const BOB = { id: 2, handle: "bob", name: "bob", avatar: null, is_bot: false };

const state = (): State => opened(new ModelServer(posts(5)));
const told = (fields: Partial<ThreadState> = {}): ThreadState => ({
  message: ROOT,
  room: ROOM,
  read_seq: 3,
  unread: 0,
  counted_seq: 5,
  last_at: "2026-05-01T09:00:00.000Z",
  ...fields,
});
const list = (...items: ThreadState[]) => ({ type: "local.threads", items }) as const;
const reply = (seq: number, fields: Partial<Message> = {}) =>
  posted(seq, { parent: ROOT, msg_no: null, sender: BOB, ...fields });
const mine = (seq: number) => reply(seq, { sender: { ...BOB, id: ME.id } });
const deleted = (seq: number) =>
  ({ ...reply(seq, { deleted_at: "2026-05-01T10:00:00.000Z" }), type: "message.deleted" }) as ReturnType<
    typeof reply
  >;
const late = (change: ReturnType<typeof reply>, seq: number) => ({ ...change, seq });
const unread = (now: State): number | undefined => {
  const found = now.threads.followed?.get(ROOT);
  return found && unreadOf(found);
};

describe("unread replies", () => {
  it("are the server's count and what came after it", () => {
    const now = run(state(), list(told({ unread: 2 })), reply(6), reply(7));
    expect([unread(now), unreadThreads(now).length]).toEqual([4, 1]);
  });

  it("are counted once, whether they come before the list or after it", () => {
    expect(unread(run(state(), reply(6), list(told({ unread: 1 })), reply(6)))).toBe(2);
    expect(unread(run(state(), reply(6), list(told({ unread: 1, counted_seq: 6 }))))).toBe(1);
    expect(unread(run(state(), list(told()), reply(6), list(told({ unread: 1, counted_seq: 6 }))))).toBe(1);
  });

  it("of mine are none, and say that I have read what is before", () => {
    expect(unread(run(state(), list(told({ unread: 2 })), reply(6), mine(7)))).toBe(0);
    // And from there on I follow it.
    const now = run(state(), list(), mine(6), reply(7));
    expect(unread(now)).toBe(1);
  });

  it("that are deleted are unread no more", () => {
    const now = run(state(), list(told()), reply(6), late(deleted(6), 7));
    expect([unread(now), now.threads.isUnsure]).toEqual([0, false]);
  });

  it("that the server has counted and are deleted then make the count unsure", () => {
    const now = run(state(), list(told({ unread: 2 })), late(deleted(5), 6));
    expect([unread(now), now.threads.isUnsure]).toEqual([2, true]);
    expect(run(now, list(told({ unread: 1, counted_seq: 6 }))).threads.isUnsure).toBe(false);
  });

  it("of a muted room are not told of", () => {
    const before = run(state(), list(told({ unread: 2 })));
    const room = { ...before.rooms.get(ROOM)!.state, level: "none" as const };
    expect(unreadThreads(run(before, { type: "local.room", room }))).toEqual([]);
  });

  it("of a thread that I do not follow are not counted", () => {
    expect(unread(run(state(), list(), reply(6)))).toBeUndefined();
  });
});

describe("to read", () => {
  it("to the end leaves nothing, and never goes back", () => {
    const now = run(state(), list(told({ unread: 2 })), reply(6), {
      type: "local.thread_read",
      message: ROOT,
      seq: 6,
    });
    expect([unread(now), now.threads.isUnsure]).toEqual([0, false]);
    expect(unread(run(now, { type: "local.thread_read", message: ROOT, seq: 4 }))).toBe(0);
    // A list that was counted before I read it does not bring it back.
    expect(unread(run(now, list(told({ unread: 3, counted_seq: 6 }))))).toBe(0);
  });

  it("in the middle of what the server has counted makes the count unsure", () => {
    const now = run(state(), list(told({ unread: 2 })), { type: "local.thread_read", message: ROOT, seq: 4 });
    expect(now.threads.isUnsure).toBe(true);
  });

  it("on another device is heard", () => {
    const now = run(state(), list(told({ unread: 2 })), {
      type: "thread.changed",
      room: ROOM,
      thread: ROOT,
      is_followed: true,
      read_seq: 5,
    });
    expect(unread(now)).toBe(0);
  });
});

describe("what I follow", () => {
  const changed = (is_followed: boolean) =>
    ({ type: "thread.changed", room: ROOM, thread: ROOT, is_followed, read_seq: 5 }) as const;

  it("is asked for when I was made to follow another", () => {
    expect(run(state(), list(), changed(true)).threads.isUnsure).toBe(true);
    // A list that is still on its way may have been read before.
    expect(run(state(), changed(true)).threads.isUnsure).toBe(true);
  });

  it("goes when I leave it", () => {
    expect(run(state(), list(told({ unread: 2 })), changed(false)).threads.followed?.size).toBe(0);
  });
});

describe("the page of threads", () => {
  const whole = (replies: Message[], fields: Partial<ThreadState> = {}) => ({
    ...told(fields),
    first: first(),
    replies,
  });
  const message = (change: ReturnType<typeof reply>): Message =>
    "message" in change ? change.message : never();
  const never = (): never => {
    throw new Error("no message");
  };
  const first = (): Message => ({ ...message(posted(2)), id: ROOT });
  const shown = (now: State) => now.threads.shown?.map(({ replies }) => replies.map(({ seq }) => seq));
  const page = (isMore: boolean, ...items: ReturnType<typeof whole>[]) =>
    ({ type: "local.threads_shown", items, isMore }) as const;

  it("shows what is said, edited and deleted", () => {
    const before = run(state(), page(false, whole([message(reply(4)), message(reply(5))])));
    const now = run(before, reply(6), late(deleted(5), 7));
    expect(shown(now)).toEqual([[4, 5, 6]]);
    expect(now.threads.shown?.[0]?.replies[1]?.deleted_at).not.toBeNull();
  });

  it("is joined from its parts, each thread once", () => {
    const other = { ...whole([]), message: 2_000, first: { ...first(), id: 2_000 } };
    const now = run(state(), page(false, whole([])), page(true, whole([]), other));
    expect(now.threads.shown?.map((one) => one.message)).toEqual([ROOT, 2_000]);
    expect(run(now, { type: "local.threads_shown", items: null, isMore: false }).threads.shown).toBeNull();
  });

  it("loses what has expired", () => {
    const gone = {
      type: "message.expired",
      room: ROOM,
      seq: 6,
      at: "2026-05-01T09:00:00.000Z",
      messages: [ROOT],
    } as const;
    expect(
      run(state(), page(false, whole([])), { ...gone, messages: [...gone.messages] }).threads.shown,
    ).toEqual([]);
  });
});
