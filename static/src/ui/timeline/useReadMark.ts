// A room is read when its end is in sight and the window is looked at, and not a moment earlier.
import { useEffect } from "preact/hooks";
import type { Room } from "../../store/state";
import { useActions } from "../actions";

export function useReadMark(room: Room, isEndInSight: boolean): void {
  const actions = useActions();
  const { id, last_msg_no, read_msg_no, role } = room.state;
  const { isKeptUnread } = room;
  useEffect(() => {
    if (!isEndInSight || role === null || last_msg_no <= read_msg_no || isKeptUnread) return undefined;
    const mark = (): void => {
      if (document.visibilityState === "visible" && document.hasFocus()) actions.markRead(id, last_msg_no);
    };
    mark();
    addEventListener("focus", mark);
    document.addEventListener("visibilitychange", mark);
    return () => {
      removeEventListener("focus", mark);
      document.removeEventListener("visibilitychange", mark);
    };
  }, [id, isEndInSight, last_msg_no, read_msg_no, role, isKeptUnread, actions]);
}
