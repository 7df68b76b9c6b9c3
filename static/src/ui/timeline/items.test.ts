// Day lines, groups, the new line, the gap and what is pending stand where a reader expects them.
import { describe, expect, test } from "vitest";
import type { Message } from "../../protocol";
import type { Pending } from "../../store/state";
import { type Item, type Shown, timelineItems } from "./items";

const NOON = new Date(2026, 0, 5, 12, 0, 0).getTime();
const MINUTE = 60_000;

function message(seq: number, minutes: number, fields: Partial<Message> = {}, sender = 1): Message {
  return {
    id: seq,
    room: 1,
    seq,
    msg_no: seq,
    sender: { id: sender, handle: `u${sender}`, name: `U${sender}`, avatar: null, is_bot: false },
    body: `message ${seq}`,
    html: null,
    parent: null,
    attachments: [],
    previews: [],
    reactions: [],
    mentions: [],
    at: new Date(NOON + minutes * MINUTE).toISOString(),
    edited_at: null,
    deleted_at: null,
    client_message_id: null,
    reply_count: 0,
    ...fields,
  };
}

function pending(id: string, minutes: number, parent: number | null = null): Pending {
  return {
    clientMessageId: id,
    room: 1,
    body: id,
    parent,
    files: [],
    createdAt: NOON + minutes * MINUTE,
    status: "waiting",
    error: null,
    storedSeq: null,
  };
}

function lay(messages: Message[], fields: Partial<Shown> = {}): Item[] {
  return timelineItems({
    messages,
    pending: [],
    me: 9,
    parent: null,
    newLineAfter: null,
    gapBeforeSeq: null,
    ...fields,
  });
}

function drawn(items: readonly Item[]): string[] {
  return items.map((item) => {
    if (item.kind === "message") return `${item.isHead ? "head" : "more"} ${item.message.seq}`;
    if (item.kind === "pending") return `${item.isHead ? "head" : "more"} ${item.pending.clientMessageId}`;
    return item.kind;
  });
}

describe("timelineItems", () => {
  test("an empty room has nothing", () => {
    expect(lay([])).toEqual([]);
  });

  test("messages of one person within five minutes share a head", () => {
    expect(drawn(lay([message(1, 0), message(2, 4), message(3, 9)]))).toEqual([
      "day",
      "head 1",
      "more 2",
      "head 3",
    ]);
  });

  test("another person starts a group", () => {
    expect(drawn(lay([message(1, 0), message(2, 1, {}, 2), message(3, 2)]))).toEqual([
      "day",
      "head 1",
      "head 2",
      "head 3",
    ]);
  });

  test("another day starts with its line and a head, even a minute later", () => {
    const items = lay([message(1, 12 * 60 - 1), message(2, 12 * 60)]);
    expect(drawn(items)).toEqual(["day", "head 1", "day", "head 2"]);
  });

  test("the new line stands before the first message that was not read and breaks the group", () => {
    const items = lay([message(1, 0), message(2, 1), message(3, 2)], { newLineAfter: 1 });
    expect(drawn(items)).toEqual(["day", "head 1", "new", "head 2", "more 3"]);
  });

  test("what I wrote on another device is not new to me", () => {
    const items = lay([message(1, 0), message(2, 1, {}, 9)], { newLineAfter: 1 });
    expect(drawn(items)).toEqual(["day", "head 1", "head 2"]);
  });

  test("replies stay out of the main timeline, and a thread holds only its own", () => {
    const all = [
      message(1, 0),
      message(2, 1, { parent: 1, msg_no: null }),
      message(3, 2, { parent: 7, msg_no: null }),
    ];
    expect(drawn(lay(all))).toEqual(["day", "head 1"]);
    expect(drawn(lay(all, { parent: 1, newLineAfter: 0 }))).toEqual(["day", "head 2"]);
  });

  test("a deleted message has no head and ends the group", () => {
    const items = lay([message(1, 0), message(2, 1, { deleted_at: "x", body: "" }), message(3, 2)]);
    expect(drawn(items)).toEqual(["day", "head 1", "more 2", "head 3"]);
  });

  test("the gap stands once, before the first message after it", () => {
    const items = lay([message(5, 0), message(8, 1), message(9, 2)], { gapBeforeSeq: 8 });
    expect(drawn(items)).toEqual(["day", "head 5", "gap", "day", "head 8", "more 9"]);
  });

  test("pending messages join my group at the end, each in its place", () => {
    const items = lay([message(1, 0, {}, 9)], {
      pending: [pending("first", 1), pending("inside", 1, 1), pending("late", 30)],
    });
    expect(drawn(items)).toEqual(["day", "head 1", "more first", "head late"]);
  });

  test("keys are unique", () => {
    const items = lay([message(1, 0), message(2, 2000), message(3, 2001)], {
      pending: [pending("one", 2002)],
      newLineAfter: 1,
    });
    expect(new Set(items.map((item) => item.key)).size).toBe(items.length);
  });
});
