// Which messages are worth a sound while the page is open. Pure: the same rule as the server has for push and mail.
import type { Message, ServerFrame } from "../protocol";
import { namesMe } from "./naming";
import type { State } from "./state";

/** A message that its reader is to be told of. */
export interface Alert {
  room: number;
  message: Message;
  /** Names or calls me, stands in a direct conversation, or in a thread that I follow. */
  why: "mention" | "direct" | "thread";
}

/** Tell whether a frame that has just come is news for me; what I have read already is none. */
export function alertOf(state: State, frame: ServerFrame): Alert | null {
  if (frame.type !== "message.posted") return null;
  const { message, room: id } = frame;
  const room = state.rooms.get(id);
  if (!room || message.sender.id === state.me.id || message.deleted_at !== null) return null;
  const { level, kind } = room.state;
  const isFollowed = message.parent !== null && (state.threads.followed?.has(message.parent) ?? false);
  const other = kind === "direct" ? "direct" : isFollowed ? "thread" : null;
  const why = namesMe(message, state.me.id) ? "mention" : other;
  if (why === null || level === "none" || (why === "direct" && level !== "all")) return null;
  return isRead(state, message) ? null : { room: id, message, why };
}

/** Whether it was read since, here or on another device. */
export function isRead(state: State, { room: id, msg_no, parent, seq }: Message): boolean {
  const room = state.rooms.get(id);
  if (!room || (msg_no !== null && room.state.read_msg_no >= msg_no)) return true;
  const thread = parent === null ? undefined : state.threads.followed?.get(parent);
  return thread !== undefined && thread.readSeq >= seq;
}

/** Whether a wall clock ("22:30") is within quiet hours; an end before the start is the next day's. */
export function isQuiet(now: string, from: string, to: string): boolean {
  if (from === "" || to === "" || from === to) return false;
  return from < to ? from <= now && now < to : now >= from || now < to;
}
