// Which dialog is open; one at a time.
import { signal } from "@preact/signals";
import type { Attachment, Message } from "../protocol";
import { go } from "./route";

export type DialogKind =
  | { kind: "direct"; people?: readonly number[] }
  | { kind: "room" | "switcher" | "help" | "erase_me" | "doing" }
  | { kind: "face"; picture: Blob }
  | { kind: "invite"; room?: number }
  | { kind: "add_people" | "room_settings"; room: number }
  | { kind: "delete_message"; message: number }
  | { kind: "leave_room" | "delete_room" | "room_level" | "room_name"; room: number }
  | { kind: "picture"; room: number; message: number; pictures: readonly Attachment[]; at: number }
  | { kind: "forward"; messages: readonly Message[] }
  | { kind: "versions"; message: Message }
  | { kind: "section"; section: string | null; room: number | null }
  | { kind: "place"; room: number }
  | { kind: "remind"; message: number | null };

export const dialog = signal<DialogKind | null>(null);

/** Open one of the dialogs that need nothing more; "browse" is a place of its own. */
export function openDialog(
  kind: "room" | "direct" | "invite" | "switcher" | "help" | "doing" | "browse",
): void {
  if (kind === "browse") go("/rooms/");
  else dialog.value = { kind };
}

/** Close whatever dialog is open. */
export function closeDialog(): void {
  dialog.value = null;
}
