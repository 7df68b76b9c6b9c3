// One thread on the page of threads: where it is, how it began, what was said last, and a place to answer.
import { Reply } from "lucide-preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { pendingOf, state } from "../../store/signals";
import { type ShownThread, unreadOf } from "../../store/threads";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Composer } from "../composer/Composer";
import { roomName } from "../names";
import { follow, roomPath } from "../route";
import { me, rightsOf } from "../selectors";
import { DayGroup } from "../timeline/DayGroup";
import { daysOf } from "../timeline/days";
import { editLast } from "../timeline/editLast";
import { timelineItems } from "../timeline/items";
import { MessageRow } from "../timeline/MessageRow";
import { moveFocus } from "../timeline/moveFocus";
import { FollowButton } from "./FollowButton";
import { useThreadMark } from "./useThreadMark";

const NO_REPLIERS = new Map();

export function ThreadCard({ thread }: { thread: ShownThread }) {
  const { message, first, replies } = thread;
  const actions = useActions();
  const [isAnswering, setAnswering] = useState(false);
  const [isInSight, setInSight] = useState(false);
  const end = useRef<HTMLDivElement>(null);
  const room = state.value.rooms.get(thread.room);
  const followed = state.value.threads.followed?.get(message);
  const pending = pendingOf(thread.room).filter(({ parent }) => parent === message);
  const mine = me.value;

  const items = useMemo(
    () =>
      timelineItems({
        messages: replies,
        pending,
        me: mine.id,
        parent: message,
        newLineAfter: null,
        // What was new when it came stays marked.
        newAfterSeq: thread.readSeq,
        gapBeforeSeq: null,
      }).filter(({ kind }) => kind !== "day"),
    [replies, thread.readSeq, pending.map(({ clientMessageId, status }) => clientMessageId + status).join()],
  );

  useEffect(() => {
    const line = end.current;
    if (!line) return undefined;
    const observer = new IntersectionObserver(([entry]) => setInSight(entry?.isIntersecting ?? false));
    observer.observe(line);
    return () => observer.disconnect();
  }, []);
  useThreadMark(message, replies.at(-1)?.seq ?? 0, isInSight);

  // Left meanwhile: what was said there is not for me any more.
  if (!room) return null;
  const rights = rightsOf(room.state, mine.role);
  const name = roomName(room, state.value);
  const earlier = first.reply_count - replies.filter(({ deleted_at }) => deleted_at === null).length;
  const isNew = followed !== undefined && unreadOf(followed) > 0;
  const place = roomPath(thread.room, { kind: "thread", message });
  return (
    <section
      class="thread-card"
      aria-label={t("threads.card", { name, author: first.sender.name })}
      data-column
    >
      <header class="thread-card-head">
        <a class="thread-card-room" href={place} onClick={follow}>
          <bdi>{name}</bdi>
        </a>
        {isNew ? <span class="thread-new">{t("thread.new", { n: unreadOf(followed) })}</span> : null}
        <span class="thread-card-tools">
          <FollowButton message={message} />
        </span>
      </header>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows move between the messages, which take the focus. */}
      <div class="thread-card-said" onKeyDown={moveFocus}>
        <MessageRow message={first} isHead rights={rights} isTabStop isFlashed={false} isInThread />
        {earlier > 0 ? (
          <a class="thread-card-earlier" href={place} onClick={follow}>
            {t("threads.earlier", { n: earlier })}
          </a>
        ) : null}
        {daysOf(items).map((day) => (
          <DayGroup
            key={day.key}
            day={day}
            rights={rights}
            flashed={null}
            repliers={NO_REPLIERS}
            tabStop={null}
            isInThread
          />
        ))}
        <div ref={end} class="thread-card-end" />
      </div>
      {rights.answer && first.deleted_at === null ? (
        isAnswering ? (
          <Composer
            room={thread.room}
            parent={message}
            alsoTo={rights.begin ? name : undefined}
            placeholder={t("thread.placeholder")}
            onUp={() => editLast(replies, mine.id)}
            onSent={() => actions.readThread(message, replies.at(-1)?.seq ?? 0)}
          />
        ) : (
          <div class="thread-card-foot">
            <Button small icon={Reply} onClick={() => setAnswering(true)}>
              {t("threads.answer")}
            </Button>
          </div>
        )
      ) : null}
    </section>
  );
}
