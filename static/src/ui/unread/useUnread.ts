// What is unread in the rooms that are shown: read once, and again whenever something has happened in one of them.
import { useEffect, useRef, useState } from "preact/hooks";
import { UNREAD_ROOMS_MAX_COUNT, type UnreadRoom } from "../../net/actions";
import type { RoomState } from "../../protocol";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { useActions } from "../actions";
import { type Part, parts } from "./shown";

/** So much is gathered before the server is asked again. */
const PAUSE_MS = 400;

export interface Unread {
  hasFailed: boolean;
  again: () => void;
}

/** Keep what is shown of these rooms as it is. */
export function useUnread(rooms: readonly Room[]): Unread {
  const actions = useActions();
  const [hasFailed, setFailed] = useState(false);
  const [tries, setTries] = useState(0);
  const isBusy = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const late = rooms.filter(({ state: room }) => isLate(room));
  const key = late.map(({ state: room }) => `${room.id}:${room.last_seq}:${room.read_msg_no}`).join();
  const isSynced = state.value.synced;
  const isFirst = late.some(({ state: room }) => !parts.peek().has(room.id));

  const ask = useRef(() => {});
  ask.current = () => {
    const asked = late.slice(0, UNREAD_ROOMS_MAX_COUNT).map(({ state: room }) => room.id);
    if (asked.length === 0) return;
    isBusy.current = true;
    actions
      .unreadOf(asked)
      .then(
        (found) => {
          parts.value = joined(asked, found);
        },
        () => setFailed(true),
      )
      .finally(() => {
        isBusy.current = false;
        setTries((count) => count + 1);
      });
  };

  useEffect(() => {
    if (isSynced) setFailed(false);
  }, [isSynced]);
  useEffect(() => {
    // One that waits already takes what has come meanwhile along: in a busy room something always comes.
    if (key === "" || !isSynced || hasFailed || isBusy.current || timer.current !== null) return;
    timer.current = setTimeout(
      () => {
        timer.current = null;
        ask.current();
      },
      isFirst ? 0 : PAUSE_MS,
    );
  }, [key, isSynced, tries, hasFailed]);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
    },
    [],
  );

  return { hasFailed, again: () => setFailed(false) };
}

/** Something has happened in it, or its mark was put back. */
function isLate(room: RoomState): boolean {
  const part = parts.value.get(room.id);
  return part?.lastSeq !== room.last_seq || part.readNo > room.read_msg_no;
}

/** What is known now; what is no longer unread is not told of, and has nothing to show. */
function joined(asked: readonly number[], found: readonly UnreadRoom[]): Map<number, Part> {
  const { rooms } = state.peek();
  const next = new Map(parts.peek());
  for (const id of asked) {
    const room = rooms.get(id)?.state;
    if (room) next.set(id, { messages: [], lastSeq: room.last_seq, readNo: room.read_msg_no });
  }
  for (const { room, messages } of found)
    next.set(room.id, { messages, lastSeq: room.last_seq, readNo: room.read_msg_no });
  for (const id of next.keys()) if (!rooms.has(id)) next.delete(id);
  return next;
}
