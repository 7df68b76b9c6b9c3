// A thread beside its room: the first message, the answers, and where the next one is written.
import { Megaphone } from "lucide-preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { pendingOf, state } from "../../store/signals";
import type { Room } from "../../store/state";
import { unreadOf } from "../../store/threads";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { lazily } from "../common/lazily";
import { Panel } from "../common/Panel";
import { Failed, Skeleton } from "../common/States";
import { Composer } from "../composer/Composer";
import { errorText } from "../errors";
import { selection } from "../marks/selection";
import { roomName } from "../names";
import { ClosedNote } from "../rooms/ClosedNote";
import { me, rightsOf } from "../selectors";
import { DayGroup } from "../timeline/DayGroup";
import { daysOf } from "../timeline/days";
import { editLast } from "../timeline/editLast";
import { useFollow } from "../timeline/follow";
import { timelineItems } from "../timeline/items";
import { MessageRow } from "../timeline/MessageRow";
import { moveFocus } from "../timeline/moveFocus";
import { startOf } from "../timeline/start";
import { FollowButton } from "./FollowButton";
import { useThreadMark } from "./useThreadMark";
import "../../styles/thread.css";

interface ThreadPanelProps {
  room: Room;
  message: number;
  /** The answer to open at, by seq. */
  seq?: number | null;
  onClose: () => void;
}

const NO_REPLIERS = new Map();
const SelectionBar = lazily(async () => (await import("../marks/SelectionBar")).SelectionBar);

/** Must be keyed by its message. */
export function ThreadPanel({ room, message, seq = null, onClose }: ThreadPanelProps) {
  const actions = useActions();
  const [failure, setFailure] = useState<string | null>(null);
  const [trial, setTrial] = useState(0);
  const thread = state.value.thread?.root === message ? state.value.thread : null;
  const root = room.timeline.messages.find(({ id }) => id === message) ?? thread?.first;
  const replies = thread && (!thread.loading || thread.replies.length > 0) ? thread.replies : null;
  // Entering a room closes the thread of another one: this one opens after that.
  const isEntered = state.value.openRoom === room.state.id;
  const pending = pendingOf(room.state.id).filter(({ parent }) => parent === message);
  const rights = rightsOf(room.state, me.value.role);

  useEffect(() => {
    if (!isEntered) return undefined;
    let isGone = false;
    setFailure(null);
    actions.thread(message).catch((error: unknown) => {
      if (!isGone) setFailure(errorText(error));
    });
    return () => {
      isGone = true;
    };
  }, [message, trial, isEntered]);
  useEffect(() => () => actions.closeThread(), []);

  // What was new when it was opened stays marked while it is open.
  const followed = state.value.threads.followed?.get(message);
  const newAfter = useRef<number | null>(null);
  newAfter.current ??= followed && unreadOf(followed) > 0 ? followed.readSeq : null;
  const [isEnd, setEnd] = useState(false);
  const lastSeq = replies?.at(-1)?.seq ?? 0;

  const items = useMemo(
    () =>
      timelineItems({
        messages: replies ?? [],
        pending,
        me: me.value.id,
        parent: message,
        newLineAfter: null,
        newAfterSeq: newAfter.current,
        gapBeforeSeq: null,
      }),
    [
      replies,
      newAfter.current,
      pending.map(({ clientMessageId, status }) => clientMessageId + status).join(),
    ],
  );
  const follow = useFollow({
    place: `thread/${message}/${seq ?? ""}`,
    // The one that is looked for may be among those that are still on their way.
    start: replies && !(seq !== null && thread?.loading) ? startOf(items, seq, false) : null,
    onMove: (atEnd) => setEnd(atEnd),
  });
  useThreadMark(message, lastSeq, isEnd && thread !== null && !thread.loading);
  const last = items.findLast((item) => item.kind === "message")?.key ?? null;

  return (
    <Panel
      title={t("thread.title")}
      detail={roomName(room, state.value)}
      onClose={onClose}
      action={<FollowButton message={message} />}
    >
      <div
        class="thread-scroll"
        ref={follow.scroller}
        role="log"
        aria-live="off"
        aria-label={t("thread.title")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard.
        tabIndex={0}
        onScroll={follow.onScroll}
        onKeyDown={moveFocus}
      >
        <div class="thread-content" ref={follow.content}>
          {root ? (
            <div class="thread-root">
              <MessageRow
                message={root}
                isHead
                rights={rights}
                isTabStop={last === null}
                isFlashed={false}
                isInThread
              />
            </div>
          ) : null}
          {failure ? <Failed text={failure} onRetry={() => setTrial(trial + 1)} /> : null}
          {!replies && !failure ? <Skeleton kind="message" rows={3} /> : null}
          {replies ? (
            <p class="thread-count-line">
              <span>
                {items.length === 0
                  ? t("thread.empty")
                  : t("thread.replies", { n: items.filter(isSaid).length })}
              </span>
            </p>
          ) : null}
          {daysOf(items).map((day) => (
            <DayGroup
              key={day.key}
              day={day}
              rights={rights}
              flashed={thread?.loading ? null : seq}
              repliers={NO_REPLIERS}
              tabStop={last}
              isInThread
            />
          ))}
        </div>
      </div>
      {selection.value?.room === room.state.id && selection.value.parent === message ? (
        <SelectionBar messages={replies ?? []} rights={rights} />
      ) : rights.answer ? (
        <Composer
          room={room.state.id}
          parent={message}
          alsoTo={rights.begin ? roomName(room, state.value) : undefined}
          placeholder={t("thread.placeholder")}
          onUp={() => editLast(replies ?? [], me.value.id)}
          onSent={follow.toEnd}
        />
      ) : rights.write ? (
        <ClosedNote icon={Megaphone} text={t("composer.posting_moderators")} />
      ) : null}
    </Panel>
  );
}

function isSaid(item: { kind: string }): boolean {
  return item.kind === "message" || item.kind === "pending";
}
