// Unread and mention counts of a room. They are derived, never added up from events that may repeat.
import type { Message, RoomState } from "../protocol";
import { namesMe } from "./naming";
import type { Mentions, Room } from "./state";

/** Mentions as the server counted them, at a room state. */
export function mentionsOf(state: RoomState): Mentions {
  return { count: state.mentions, upTo: state.last_msg_no, known: new Set() };
}

/** Derive what `state` shows. */
export function derived(room: Room): Room {
  const { state, mentions } = room;
  const unread = Math.max(0, state.last_msg_no - state.read_msg_no);
  const count = unread === 0 ? 0 : mentions.count + mentions.known.size;
  if (state.unread === unread && state.mentions === count) return room;
  return { ...room, state: { ...state, unread, mentions: count } };
}

/** Read up to a message; never backwards. Also tells whether the count now has to be asked for. */
export function readTo(room: Room, msgNo: number): { room: Room; isUnsure: boolean } {
  const { state, mentions } = room;
  if (msgNo <= state.read_msg_no) return { room, isUnsure: false };
  const isPast = msgNo >= mentions.upTo;
  const known = [...mentions.known].filter((no) => no > msgNo);
  const next: Room = {
    ...room,
    state: { ...state, read_msg_no: msgNo },
    isKeptUnread: false,
    mentions: { ...mentions, count: isPast ? 0 : mentions.count, known: new Set(known) },
  };
  return { room: derived(next), isUnsure: !isPast && mentions.count > 0 };
}

/** Put the mark back to a message: what comes after it is unread again. Which of that names me, the server knows. */
export function putBack(room: Room, msgNo: number, backs: number): Room {
  const { state } = room;
  const next: Room = {
    ...room,
    state: { ...state, read_msg_no: msgNo, read_backs: backs },
    mentions: { count: 0, upTo: state.last_msg_no, known: new Set() },
    isKeptUnread: true,
    newLineAfter: msgNo,
  };
  return derived(next);
}

/** Count a message that was posted, edited or deleted after the server counted; `me` is the reader. */
export function mention(room: Room, message: Message, me: number): { room: Room; isUnsure: boolean } {
  const { mentions, state } = room;
  const no = message.msg_no;
  if (no === null || no <= state.read_msg_no) return { room, isUnsure: false };
  // Whether the server's figure already holds this message is not known, unless the figure is zero.
  if (no <= mentions.upTo && mentions.count > 0) return { room, isUnsure: true };
  const counts = message.deleted_at === null && namesMe(message, me);
  if (counts === mentions.known.has(no)) return { room, isUnsure: false };
  const known = new Set(mentions.known);
  if (counts) known.add(no);
  else known.delete(no);
  return { room: derived({ ...room, mentions: { ...mentions, known } }), isUnsure: false };
}
