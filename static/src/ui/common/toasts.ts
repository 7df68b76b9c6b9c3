// Short notes at the edge of the screen: what went wrong, or that something is done.
import { signal } from "@preact/signals";
import { errorText } from "../errors";

export interface Toast {
  id: number;
  text: string;
  kind: "note" | "error";
}

const SHOWN_MS = { note: 4_000, error: 8_000 };
const MAX_COUNT = 3;

export const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

/** Show a note for some seconds; the same text twice is shown once. */
export function toast(text: string, kind: Toast["kind"] = "note"): void {
  lastId += 1;
  const id = lastId;
  const others = toasts.value.filter((shown) => shown.text !== text);
  toasts.value = [...others, { id, text, kind }].slice(-MAX_COUNT);
  setTimeout(() => closeToast(id), SHOWN_MS[kind]);
}

/** Take a note away. */
export function closeToast(id: number): void {
  toasts.value = toasts.value.filter((shown) => shown.id !== id);
}

/** Run an action; when it fails, say why. Returns whether it went well. */
export async function tell(action: Promise<unknown>): Promise<boolean> {
  try {
    await action;
    return true;
  } catch (error) {
    toast(errorText(error), "error");
    return false;
  }
}
