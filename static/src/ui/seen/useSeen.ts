// Who has read how far in a room: read when it is opened and after each connection, then heard of.
import { useEffect, useMemo } from "preact/hooks";
import { LIMITS, type RoomState } from "../../protocol";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { useActions } from "../actions";
import { me, synced } from "../selectors";
import { placedReaders } from "./placed";

const NOBODY: ReadonlyMap<number, readonly number[]> = new Map();

/** Whether it is shown to me who has read, at once or when I ask. */
export function showsSeen(room: RoomState, how: "at_once" | "asked"): boolean {
  const most = how === "at_once" ? LIMITS.SEEN_SHOWN_MAX_COUNT : LIMITS.SEEN_ASKED_MAX_COUNT;
  const isMine = room.role !== null && room.seen && !me.value.hides_reading;
  return isMine && room.members > 1 && room.members <= most;
}

/** The readers at the message at which each stands, or null where it is not shown. */
export function useSeen(room: Room): ReadonlyMap<number, readonly number[]> | null {
  const actions = useActions();
  const { id } = room.state;
  const isShown = showsSeen(room.state, "at_once");
  const isHere = synced.value;
  const seen = state.value.seen.get(id);
  useEffect(() => {
    // It adorns: what fails is read again with the next connection, and nothing is said of it.
    if (isShown && isHere) actions.readSeen(id).catch(() => undefined);
  }, [id, isShown, isHere, actions]);
  const { messages, hasAfter } = room.timeline;
  const placed = useMemo(
    () => (isShown && seen ? placedReaders({ messages, hasAfter }, seen) : NOBODY),
    [isShown, seen, messages, hasAfter],
  );
  return isShown ? placed : null;
}
