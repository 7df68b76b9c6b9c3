// What the pages across rooms show: messages that stand in no timeline here. Kept for who comes back to the page.
import { signal } from "@preact/signals";
import type { UnreadMention } from "../../net/actions";
import type { Message } from "../../protocol";

/** Unread messages of a room: up to which seq they are known, and behind which message. */
export interface Part {
  messages: readonly Message[];
  lastSeq: number;
  readNo: number;
}

export const parts = signal<ReadonlyMap<number, Part>>(new Map());

export interface Named {
  items: readonly UnreadMention[];
  next: string | null;
}

export const named = signal<Named | null>(null);

/** How far each of the pages was scrolled when it was left. */
export const tops = { unread: 0, mentions: 0 };

/** A message that one of the pages shows. */
export function shownApart(id: number): Message | undefined {
  for (const { messages } of parts.peek().values()) {
    const found = messages.find((message) => message.id === id);
    if (found) return found;
  }
  return named.peek()?.items.find(({ message }) => message.id === id)?.message;
}
