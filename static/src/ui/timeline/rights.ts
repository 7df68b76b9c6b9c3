// What I may do with one message.
import type { Message } from "../../protocol";
import type { Rights } from "../selectors";

export interface MessageRights {
  write: boolean;
  pin: boolean;
  markUnread: boolean;
  react: boolean;
  edit: boolean;
  remove: boolean;
  /** Do something to its author. */
  moderate: boolean;
  /** Tell those about it who may. */
  report: boolean;
}

/** The rights to a message follow from those in its room and from who wrote it. */
export function messageRights(message: Message, room: Rights, me: number): MessageRights {
  const isMine = message.sender.id === me;
  const { write, pin, markUnread } = room;
  return {
    write,
    pin,
    markUnread,
    react: write,
    edit: isMine && write && !message.poll,
    remove: isMine || room.removeOthers,
    moderate: !isMine && room.removeMembers,
    report: !isMine && !room.removeOthers,
  };
}
