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
  let lacksNewLine = shown.newLineAfter !== null && shown.parent === null;

  const startDay = (at: string | number, day: string): void => {
    if (before?.day === day) return;
    items.push({ kind: "day", key: hasGap ? `day-${day}-gap` : `day-${day}`, at });
    before = null;
  };

  for (const message of shown.messages) {
    if (message.parent !== shown.parent) continue;
    if (shown.gapBeforeSeq !== null && message.seq >= shown.gapBeforeSeq && !hasGap) {
      hasGap = true;
      items.push({ kind: "gap", key: "gap" });
      before = null;
    }
    const at = Date.parse(message.at);
    const day = dayKey(at);
    startDay(message.at, day);
    if (lacksNewLine && (message.msg_no ?? 0) > (shown.newLineAfter ?? 0)) {
      lacksNewLine = false;
      // What I wrote myself on another device is not new to me.
      if (message.sender.id !== shown.me) {
        items.push({ kind: "new", key: "new" });
        before = null;
      }
    }
    const isDeleted = message.deleted_at !== null;
    const isHead = !isDeleted && !joins(before, message.sender.id, at);
    items.push({ kind: "message", key: `m-${message.id}`, message, isHead });
    before = isDeleted ? { sender: -1, at, day } : { sender: message.sender.id, at, day };
  }

  for (const pending of shown.pending) {
    if (pending.parent !== shown.parent) continue;
    const day = dayKey(pending.createdAt);
    startDay(pending.createdAt, day);
    const isHead = !joins(before, shown.me, pending.createdAt);
    items.push({ kind: "pending", key: `p-${pending.clientMessageId}`, pending, isHead });
    before = { sender: shown.me, at: pending.createdAt, day };
  }
  return items;
}

function joins(before: Before | null, sender: number, at: number): boolean {
  return before !== null && before.sender === sender && at - before.at < GROUP_MS;
}
