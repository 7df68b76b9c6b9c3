// How far the others of small rooms have read, as far as they show it: what somebody has seen stays seen.
import type { Message, Reader } from "../protocol";
import type { State } from "./state";

/** Positions by user: the `msg_no` of the last message that each has read. */
export type Seen = ReadonlyMap<number, number>;

const NOBODY: Seen = new Map();

/** Take the list as the server has it; it may be older than an event that came meanwhile. */
export function listedSeen(state: State, room: number, readers: readonly Reader[]): State {
  const known = state.seen.get(room);
  const next = new Map(readers.map(({ user, msg_no }) => [user, Math.max(msg_no, known?.get(user) ?? 0)]));
  return withSeen(state, room, next);
}

/** Note who has read further; of a room that is not looked at nothing is kept. */
export function readFurther(state: State, room: number, readers: readonly Reader[]): State {
  // While the list of the open room is on its way, what comes meanwhile may be newer.
  const known = state.seen.get(room) ?? (state.openRoom === room ? NOBODY : null);
  if (!known) return state;
  const next = new Map(known);
  let isNews = false;
  for (const { user, msg_no } of readers) {
    if (user === state.me.id || msg_no <= (next.get(user) ?? -1)) continue;
    next.set(user, msg_no);
    isNews = true;
  }
  return isNews ? withSeen(state, room, next) : state;
}

/** To write in the main timeline is to have read it. */
export function wroteThere(state: State, { room, sender, msg_no }: Message): State {
  if (msg_no === null || !state.seen.get(room)?.has(sender.id)) return state;
  return readFurther(state, room, [{ user: sender.id, msg_no }]);
}

/** Forget somebody who has left a room; without a user, all of it. */
export function seenNoMore(state: State, room: number, user?: number): State {
  const known = state.seen.get(room);
  if (!known || (user !== undefined && !known.has(user))) return state;
  if (user === undefined) {
    const seen = new Map(state.seen);
    seen.delete(room);
    return { ...state, seen };
  }
  return withSeen(state, room, new Map([...known].filter(([id]) => id !== user)));
}

function withSeen(state: State, room: number, seen: Seen): State {
  return { ...state, seen: new Map(state.seen).set(room, seen) };
}
