// A room on its way to another place in the left column.
import { signal } from "@preact/signals";

const KIND = "application/x-maru-room";

/** The room that is being dragged, and over what: a part, and the room before which it would stand. */
export const dragged = signal<number | null>(null);
export const target = signal<{ part: string; before: number | null } | null>(null);

export function begin(event: DragEvent, room: number): void {
  event.dataTransfer?.setData(KIND, String(room));
  if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
  // In the next task: a browser ends a drag whose element changes in its first moment.
  setTimeout(() => {
    dragged.value = room;
  });
}

export function end(): void {
  dragged.value = null;
  target.value = null;
}

/** Whether what is over a place is a room; then it may be dropped there. */
export function allow(event: DragEvent, part: string, before: number | null): void {
  if (!event.dataTransfer?.types.includes(KIND)) return;
  event.preventDefault();
  event.stopPropagation();
  event.dataTransfer.dropEffect = "move";
  const now = target.peek();
  if (now?.part !== part || now.before !== before) target.value = { part, before };
}

/** The room that was dropped, or null. */
export function take(event: DragEvent): number | null {
  const text = event.dataTransfer?.getData(KIND);
  if (!text) return null;
  event.preventDefault();
  event.stopPropagation();
  end();
  return Number(text);
}
