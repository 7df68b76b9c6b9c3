// A thread that I follow is read when its end is in sight and the window is looked at, and not a moment earlier.
import { useEffect } from "preact/hooks";
import { state } from "../../store/signals";
import { unreadOf } from "../../store/threads";
import { useActions } from "../actions";

/** `last`: the seq of the last reply that is shown. */
export function useThreadMark(message: number, last: number, isEndInSight: boolean): void {
  const actions = useActions();
  const known = state.value.threads.followed?.get(message);
  const isUnread = known !== undefined && unreadOf(known) > 0 && last > known.readSeq;
  useEffect(() => {
    if (!isEndInSight || !isUnread) return undefined;
    const mark = (): void => {
      if (document.visibilityState === "visible" && document.hasFocus()) actions.readThread(message, last);
    };
    mark();
    addEventListener("focus", mark);
    document.addEventListener("visibilitychange", mark);
    return () => {
      removeEventListener("focus", mark);
      document.removeEventListener("visibilitychange", mark);
    };
  }, [message, last, isEndInSight, isUnread, actions]);
}
