// Several messages of one room that are chosen together: to delete, pass on or copy them.
import { signal } from "@preact/signals";
import type { Message } from "../../protocol";

/** More than that nobody looks through, and the server takes them one by one. */
export const SELECTED_MAX_COUNT = 100;

export interface Selection {
  room: number;
  /** The thread in which they stand; null: the main timeline. */
  parent: number | null;
  ids: ReadonlySet<number>;
  /** The last one that was touched: Shift chooses from there on. */
  last: number;
}

export const selection = signal<Selection | null>(null);

/** Begin with one message. */
export function startSelection(message: Message): void {
  const { room, parent, id } = message;
  selection.value = { room, parent, ids: new Set([id]), last: id };
}

export function endSelection(): void {
  selection.value = null;
}

/** Whether messages are being chosen where this one stands. */
export function isSelecting({ room, parent }: Message): boolean {
  const now = selection.value;
  return now !== null && now.room === room && now.parent === parent;
}

/** Choose a message or let it go; with `shown`, all from the last one to it. */
export function toggle(message: number, shown: readonly number[] | null = null): void {
  const now = selection.value;
  if (!now) return;
  const ids = new Set(now.ids);
  const [from, to] = shown ? [shown.indexOf(now.last), shown.indexOf(message)] : [-1, -1];
  if (shown && from >= 0 && to >= 0) {
    for (const id of shown.slice(Math.min(from, to), Math.max(from, to) + 1)) ids.add(id);
  } else if (ids.has(message)) ids.delete(message);
  else ids.add(message);
  selection.value = { ...now, ids: new Set([...ids].slice(0, SELECTED_MAX_COUNT)), last: message };
}

/** Keep these alone chosen; with none left it is over. */
export function keepSelected(ids: readonly number[]): void {
  const now = selection.value;
  if (now) selection.value = ids.length > 0 ? { ...now, ids: new Set(ids) } : null;
}
