// What is new begins above of what is in sight: how much it is, and the way there.
import { ArrowUp } from "lucide-preact";
import { useRef, useState } from "preact/hooks";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import type { Follow } from "./follow";

/** A person who has been away longer than this reads on from where the search stopped. */
const PAGES_MAX_COUNT = 20;

export interface UnreadAbove {
  isAbove: boolean;
  /** Look again where the line stands; called whenever the list has moved. */
  look: (list: Follow) => void;
}

/** Whether the line of new messages is above; once it has been in sight, it is not told again. */
export function useUnreadAbove(room: Room): UnreadAbove {
  const { newLineAfter, timeline, state } = room;
  const [isAbove, setAbove] = useState(false);
  const isDone = useRef(false);
  const look = ({ scroller, content }: Follow): void => {
    const view = scroller.current;
    if (isDone.current || !view || newLineAfter === null) return;
    const line = content.current?.querySelector<HTMLElement>('[data-key="new"]');
    const oldest = timeline.messages.find((message) => message.msg_no !== null)?.msg_no ?? 0;
    const isLoaded = oldest <= newLineAfter + 1 || !timeline.hasBefore;
    if (isLoaded && (!line || line.offsetTop >= view.scrollTop)) {
      isDone.current = true;
      setAbove(false);
    } else setAbove(state.last_msg_no > newLineAfter);
  };
  return { isAbove, look };
}

interface UnreadButtonProps {
  room: Room;
  count: number;
  list: Follow;
}

export function UnreadButton({ room, count, list }: UnreadButtonProps) {
  const actions = useActions();
  const latest = useRef(room);
  latest.current = room;
  const [isBusy, setBusy] = useState(false);

  const go = async (): Promise<void> => {
    setBusy(true);
    list.isFetching.current = true;
    try {
      for (let page = 0; page < PAGES_MAX_COUNT; page++) {
        const { messages, hasBefore } = latest.current.timeline;
        const oldest = messages.find((message) => message.msg_no !== null)?.msg_no ?? 0;
        if (!hasBefore || oldest <= (latest.current.newLineAfter ?? 0)) break;
        await actions.loadBefore(room.state.id);
        // The rows of the page are drawn with the next frame.
        await new Promise(requestAnimationFrame);
      }
      if (!list.toRow("new", 0.2)) list.toTop();
    } catch {
      // The list itself says that it could not be loaded, with Retry.
    } finally {
      list.isFetching.current = false;
      setBusy(false);
    }
  };

  return (
    <button
      type="button"
      class="jump jump-up"
      data-news
      aria-busy={isBusy}
      disabled={isBusy}
      onClick={() => void go()}
    >
      <ArrowUp size={16} strokeWidth={2} aria-hidden="true" />
      {t("timeline.unread_above", { n: count })}
    </button>
  );
}
