// Where the faces of readers stand.
import { describe, expect, it } from "vitest";
import type { Message } from "../../protocol";
import { placedReaders } from "./placed";

const said = (msg_no: number | null, fields: Partial<Message> = {}): Message =>
  ({ id: 100 + (msg_no ?? 0), msg_no, deleted_at: null, sender: { id: 1 }, ...fields }) as Message;
const placed = (messages: Message[], seen: [number, number][], hasAfter = false) =>
  Object.fromEntries(placedReaders({ messages, hasAfter }, new Map(seen)));

describe("readers", () => {
  it("stand at the last message that each has read", () => {
    const messages = [said(3), said(4), said(5)];
    expect(placed(messages, [[7, 4], [8, 5], [9, 4]])).toEqual({ 104: [7, 9], 105: [8] }); // biome-ignore format: pairs
  });

  it("stand before what they have not read: replies in threads and deleted messages hold nobody", () => {
    const gone = said(5, { deleted_at: "2026-05-01T10:00:00.000Z" });
    expect(placed([said(4), said(null), gone], [[7, 5]])).toEqual({ 104: [7] });
  });

  it("are nowhere when that is above or below what is loaded", () => {
    expect(placed([said(4), said(5)], [[7, 3]])).toEqual({});
    expect(placed([said(4), said(5)], [[7, 6]], true)).toEqual({});
    expect(placed([said(4), said(5)], [[7, 5]], true)).toEqual({ 105: [7] });
    expect(placed([said(4), said(5)], [[7, 6]])).toEqual({ 105: [7] });
    expect(placed([], [[7, 6]])).toEqual({});
  });

  it("do not stand at what they have written", () => {
    expect(placed([said(4), said(5, { sender: { id: 7 } as Message["sender"] })], [[7, 5]])).toEqual({});
  });
});
