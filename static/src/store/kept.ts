// What this browser remembers of the last visit: rooms, people, and the last messages of the rooms that were read lately.
import type { Message, RoomState, User } from "../protocol";
import { fresh } from "./rooms";
import { EMPTY_TIMELINE, type Room, type State } from "./state";

export interface Kept {
  /** When it was true, in ms. */
  at: number;
  rooms: readonly RoomState[];
  users: readonly User[];
  messages: ReadonlyMap<number, readonly Message[]>;
}

/** So many of the last messages of a room are remembered... */
export const KEPT_MESSAGES_COUNT = 60;
/** ...of so many rooms, those that were read last. */
export const KEPT_ROOMS_COUNT = 30;
const KEPT_USERS_COUNT = 1_000;

/** Show the last visit until the server tells what is. What has come from the server already stays. */
export function restored(state: State, kept: Kept): State {
  if (state.synced || state.rooms.size > 0) return state;
  const rooms = new Map(kept.rooms.map((room) => [room.id, remembered(room, kept.messages.get(room.id))]));
  const users = new Map(state.users);
  for (const user of kept.users) {
    // Who was there then may be gone now.
    if (!users.has(user.id)) users.set(user.id, { ...user, status: "unknown" });
  }
  return { ...state, rooms, users, keptAt: kept.at };
}

/** Choose what is worth remembering; null while nothing is known for sure. */
export function rememberedOf(state: State, now: number): Omit<Kept, "messages"> | null {
  if (!state.synced) return null;
  const rooms = [...state.rooms.values()].map((room) => room.state).filter((room) => room.role !== null);
  return { at: now, rooms, users: [...state.users.values()].slice(0, KEPT_USERS_COUNT) };
}

/** The end of a room, when it is here without a hole. */
export function endOf({ timeline }: Room): readonly Message[] | null {
  if (!timeline.loaded || timeline.stale || timeline.hasAfter || timeline.messages.length === 0) return null;
  return timeline.messages;
}

function remembered(state: RoomState, messages: readonly Message[] | undefined): Room {
  // An older page has not remembered how often the mark was put back.
  const room = fresh({ ...state, read_backs: state.read_backs ?? 0 });
  if (!messages || messages.length === 0) return room;
  const timeline = { ...EMPTY_TIMELINE, messages, loaded: true, hasAfter: false, stale: true, kept: true };
  return { ...room, timeline };
}
