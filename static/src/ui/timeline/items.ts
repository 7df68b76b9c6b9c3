// From messages to what stands on the screen: day lines, groups, the new line, the gap, what is pending. Pure.
import type { Message } from "../../protocol";
import type { Pending } from "../../store/state";
import { dayKey } from "../../text/dates";

export type Item =
  | { kind: "day"; key: string; at: string | number }
  | { kind: "new"; key: string }
  | { kind: "gap"; key: string }
  | { kind: "message"; key: string; message: Message; isHead: boolean }
  | { kind: "pending"; key: string; pending: Pending; isHead: boolean };

export interface Shown {
  messages: readonly Message[];
  pending: readonly Pending[];
  me: number;
  /** The thread whose messages these are; null for the main timeline. */
  parent: number | null;
  newLineAfter: number | null;
  /** In a thread: the seq up to which I had read it. */
  newAfterSeq?: number | null;
  gapBeforeSeq: number | null;
}

/** Messages of one person within this time share a head. */
export const GROUP_MS = 5 * 60_000;

interface Before {
  sender: number;
  at: number;
  day: string;
}

/** Lay messages out, oldest first; what is not stored yet stands at the end. */
export function timelineItems(shown: Shown): Item[] {
  const items: Item[] = [];
  let before: Before | null = null;
  let hasGap = false;
  const { newAfterSeq = null } = shown;
  let lacksNewLine = shown.parent === null ? shown.newLineAfter !== null : newAfterSeq !== null;

  const startDay = (at: string | number, day: string): void => {
    if (before?.day === day) return;
    items.push({ kind: "day", key: hasGap ? `day-${day}-gap` : `day-${day}`, at });
    before = null;
  };

  for (const message of shown.messages) {
    if (!standsIn(message, shown.parent)) continue;
    if (shown.gapBeforeSeq !== null && message.seq >= shown.gapBeforeSeq && !hasGap) {
      hasGap = true;
      items.push({ kind: "gap", key: "gap" });
      before = null;
    }
    const at = Date.parse(message.at);
    const day = dayKey(at);
    startDay(message.at, day);
    const isNew =
      shown.parent === null
        ? (message.msg_no ?? 0) > (shown.newLineAfter ?? 0)
        : message.seq > (newAfterSeq ?? 0);
    if (lacksNewLine && isNew) {
      lacksNewLine = false;
      // What I wrote myself on another device is not new to me.
      if (message.sender.id !== shown.me) {
        items.push({ kind: "new", key: "new" });
        before = null;
      }
    }
    const isDeleted = message.deleted_at !== null;
    // In the main timeline a reply says to what it is one.
    const isApart = shown.parent === null && message.parent !== null;
    const isHead = !isDeleted && (isApart || !joins(before, message.sender.id, at));
    items.push({ kind: "message", key: `m-${message.id}`, message, isHead });
    before = isDeleted ? { sender: -1, at, day } : { sender: message.sender.id, at, day };
  }

  for (const pending of shown.pending) {
    if (pending.parent !== shown.parent && !(shown.parent === null && pending.alsoInRoom)) continue;
    const day = dayKey(pending.createdAt);
    startDay(pending.createdAt, day);
    const isHead = !joins(before, shown.me, pending.createdAt);
    items.push({ kind: "pending", key: `p-${pending.clientMessageId}`, pending, isHead });
    before = { sender: shown.me, at: pending.createdAt, day };
  }
  return items;
}

/** Whether a message stands in a thread, or in the main timeline: a reply that was said to the room too is in both. */
export function standsIn(message: Message, thread: number | null): boolean {
  return thread === null ? message.parent === null || message.msg_no !== null : message.parent === thread;
}

function joins(before: Before | null, sender: number, at: number): boolean {
  return before !== null && before.sender === sender && at - before.at < GROUP_MS;
}
