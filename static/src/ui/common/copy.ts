// Put a text on the clipboard and say so.
import { t } from "../../text/t";
import { toast } from "./toasts";

/** Copy a text; without the right to the clipboard (plain http) the old way is tried. */
export async function copyText(text: string): Promise<void> {
  const isDone = await copy(text);
  toast(isDone ? t("copy.done") : t("copy.failed"), isDone ? "note" : "error");
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const before = document.activeElement as HTMLElement | null;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  // Inside an open dialog, because everything outside of it is inert.
  (before?.closest("dialog") ?? document.body).append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  before?.focus();
  return isDone;
}
