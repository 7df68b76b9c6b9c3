// Change a text as if it had been typed: the browser's own undo takes it back.
import type { Edit } from "./formatting";

/** Bring a text area to another text and selection; what changes is told by its input event. */
export function write(box: HTMLTextAreaElement, edit: Edit): void {
  const before = box.value;
  const after = edit.text;
  if (before !== after) {
    let from = 0;
    while (from < before.length && before[from] === after[from]) from++;
    let tail = 0;
    const most = Math.min(before.length, after.length) - from;
    while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
    box.focus();
    box.setSelectionRange(from, before.length - tail);
    const inserted = after.slice(from, after.length - tail);
    // The only way into a text area that its undo knows; without it the text changes all the same.
    const isDone = document.execCommand?.(inserted ? "insertText" : "delete", false, inserted) ?? false;
    if (!isDone || box.value !== after) {
      box.value = after;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
  box.setSelectionRange(edit.start, edit.end);
}
