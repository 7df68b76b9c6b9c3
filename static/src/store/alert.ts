// Which messages are worth a sound while the page is open. Pure: the same rule as the server has for push and mail.
import type { Message, ServerFrame } from "../protocol";
import type { State } from "./state";

/** A message that its reader is to be told of. */
export interface Alert {
  room: number;
  message: Message;
  /** Names me, or stands in a direct conversation. */
  why: "mention" | "direct";
}

/** Tell whether a frame that has just come is news for me; what I have read already is none. */
export function alertOf(state: State, frame: ServerFrame): Alert | null {
  if (frame.type !== "message.posted") return null;
  const { message, room: id } = frame;
  const room = state.rooms.get(id);
  if (!room || message.sender.id === state.me.id || message.deleted_at !== null) return null;
  const { level, kind } = room.state;
  const why = message.mentions.includes(state.me.id) ? "mention" : kind === "direct" ? "direct" : null;
  if (why === null || level === "none" || (why === "direct" && level !== "all")) return null;
  return isRead(state, message) ? null : { room: id, message, why };
}

/** Whether it was read since, here or on another device. */
export function isRead(state: State, { room: id, msg_no }: Message): boolean {
  const room = state.rooms.get(id);
  return !room || (msg_no !== null && room.state.read_msg_no >= msg_no);
}

/** Whether a wall clock ("22:30") is within quiet hours; an end before the start is the next day's. */
export function isQuiet(now: string, from: string, to: string): boolean {
  if (from === "" || to === "" || from === to) return false;
  return from < to ? from <= now && now < to : now >= from || now < to;
}
