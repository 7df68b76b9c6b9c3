// How long I wait before I may write again in a room that is slowed down.
import { useEffect, useState } from "preact/hooks";
import { pendingOf, state } from "../../store/signals";
import { me, rightsOf } from "../selectors";

export interface Wait {
  /** Seconds between two messages; 0 where nobody waits, or I do not. */
  everyS: number;
  /** Whole seconds that are left; 0 when I may write. */
  leftS: number;
  /** One of mine is on its way, and the wait begins when it is stored. */
  isSending: boolean;
}

/** Follow the wait of a room, each second while there is one. */
export function useWait(id: number): Wait {
  const [now, setNow] = useState(Date.now);
  const room = state.value.rooms.get(id);
  const waits = room !== undefined && rightsOf(room.state, me.value.role).waits;
  const until = waits ? room.state.slow_until : null;
  const leftMs = until === null ? 0 : Math.max(0, Date.parse(until) - now);

  useEffect(() => {
    if (until === null) return undefined;
    const left = Date.parse(until) - Date.now();
    if (left <= 0) {
      setNow(Date.now());
      return undefined;
    }
    // On the second, so that no number is shown twice or left out.
    const timer = setTimeout(() => setNow(Date.now()), left % 1_000 || 1_000);
    return () => clearTimeout(timer);
  }, [until, now]);

  return {
    everyS: waits ? room.state.slow_s : 0,
    leftS: Math.ceil(leftMs / 1_000),
    isSending: waits && pendingOf(id).some(({ status }) => status !== "failed"),
  };
}
