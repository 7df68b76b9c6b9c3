// What I have not read yet and where I am named, across all rooms.
import type { Message, RoomState } from "../protocol";
import type { Api } from "./api";

/** A room with something unread: how it stands, and the newest unread messages, oldest of them first. */
export interface UnreadRoom {
  room: RoomState;
  messages: Message[];
}

export interface UnreadMention {
  message: Message;
  unread: boolean;
}

export interface MentionsPage {
  items: UnreadMention[];
  next: string | null;
}

export interface UnreadActions {
  /** The newest unread messages of some rooms, at most `UNREAD_ROOMS_MAX_COUNT`. */
  unreadOf(rooms: readonly number[]): Promise<UnreadRoom[]>;
  /** Messages that name me, the newest first; the cursor of a page leads to the one after it. */
  mentions(cursor: string | null): Promise<MentionsPage>;
}

export const UNREAD_ROOMS_MAX_COUNT = 20;
const MENTIONS_COUNT = 30;

export function createUnreadActions({ api }: { api: Api }): UnreadActions {
  return {
    unreadOf: async (rooms) =>
      (await api.get<{ items: UnreadRoom[] }>("unread", { room: rooms, limit: UNREAD_ROOMS_MAX_COUNT }))
        .items,
    mentions: (cursor) =>
      api.get<MentionsPage>("mentions", { cursor: cursor ?? undefined, limit: MENTIONS_COUNT }),
  };
}
