// Small parts of the state that many components read: they change seldom, so the components draw seldom.
import { computed } from "@preact/signals";
import type { Doing, RoomState } from "../protocol";
import { state } from "../store/signals";

export const me = computed(() => state.value.me);
export const users = computed(() => state.value.users);
export const link = computed(() => state.value.link);
/** The server cannot reach its database: what is written waits here. */
export const isStoreAway = computed(() => state.value.degraded.includes("db"));
/** When what is shown was true, as long as it is from the last visit. */
export const keptAt = computed(() => state.value.keptAt);
export const synced = computed(() => state.value.synced);

let lastDoings: ReadonlyMap<number, Doing> = new Map();

/** Who is doing something; another map only when that is another, because every message head reads it. */
export const doings = computed(() => {
  const found = new Map<number, Doing>();
  for (const { id, doing } of users.value.values()) if (doing) found.set(id, doing);
  const isSame =
    found.size === lastDoings.size && [...found].every(([id, doing]) => lastDoings.get(id) === doing);
  if (!isSame) lastDoings = found;
  return lastDoings;
});

/** What I may do in a room, by my role in it and in the workspace. The server has the last word. */
export interface Rights {
  /** Be heard at all: react, change what I have written. */
  write: boolean;
  /** Write a message of its own, and answer in a thread. */
  begin: boolean;
  answer: boolean;
  /** The room is slowed down, and that counts for me. */
  waits: boolean;
  pin: boolean;
  markUnread: boolean;
  removeOthers: boolean;
  invite: boolean;
  removeMembers: boolean;
  run: boolean;
  /** Give it a name: who runs a room, and everybody of a conversation of several. */
  name: boolean;
  leave: boolean;
}

/** The rights of a role, as the server's table has them. */
export function rightsOf(room: RoomState, workspaceRole: string): Rights {
  const isDirect = room.kind === "direct";
  const isAdmin = workspaceRole === "owner" || workspaceRole === "admin";
  const isIn = room.role !== null;
  const runs = !isDirect && (room.role === "owner" || isAdmin);
  const moderates = !isDirect && (runs || room.role === "moderator");
  const writes = isIn && !room.archived;
  const isGroup = isDirect && room.peers.length > 1;
  return {
    write: writes,
    begin: writes && (moderates || room.posting === "everyone"),
    answer: writes && (moderates || room.posting !== "moderators"),
    waits: writes && !moderates && room.slow_s > 0,
    name: runs || (isGroup && isIn),
    pin: writes && (moderates || isDirect),
    markUnread: isIn,
    removeOthers: moderates,
    // A guest knows only the people of the guest's own rooms.
    invite: !isDirect && isIn && !room.archived && workspaceRole !== "guest",
    removeMembers: moderates,
    run: runs,
    leave: isIn && !isDirect,
  };
}
