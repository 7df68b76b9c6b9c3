// Which dialog is open; one at a time.
import { signal } from "@preact/signals";
import type { Attachment, Message, Sender } from "../protocol";
import { go } from "./route";

/** What can be done to somebody in a room. */
export type Sanctioned = "mute" | "remove" | "ban";

export type DialogKind =
  | { kind: "direct"; people?: readonly number[] }
  | { kind: "room" | "switcher" | "help" | "erase_me" | "doing" }
  | { kind: "face"; picture: Blob }
  | { kind: "emoji"; name: string | null }
  | { kind: "invite"; room?: number }
  | { kind: "add_people" | "room_settings"; room: number }
  | { kind: "delete_message"; message: Message }
  | { kind: "report"; message: Message }
  | { kind: "moderate"; room: number; user: Sender; message: Message | null; first: Sanctioned }
  | { kind: "leave_room" | "delete_room" | "room_level" | "room_name"; room: number }
  | { kind: "pdf"; room: number; message: number; file: Attachment }
  | { kind: "picture"; room: number; message: number; pictures: readonly Attachment[]; at: number }
  | { kind: "poll"; room: number; parent: number | null; question: string; place: string }
  | { kind: "close_poll"; message: number }
  | { kind: "call"; people: number; onYes: () => void }
  | { kind: "forward"; messages: readonly Message[] }
  | { kind: "versions"; message: Message }
  | { kind: "seen"; message: Message }
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
