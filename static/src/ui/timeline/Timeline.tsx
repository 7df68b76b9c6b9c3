// The messages of a room, from the oldest loaded to what is not stored yet.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { pendingOf } from "../../store/signals";
import type { Room } from "../../store/state";
import { SHOWN_MAX_COUNT } from "../../store/timeline";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Failed, Skeleton } from "../common/States";
import { step } from "../route";
import { useSeen } from "../seen/useSeen";
import { keptAt, link, me, rightsOf } from "../selectors";
import type { Anchor } from "./anchor";
import { DayGroup } from "./DayGroup";
import { daysOf } from "./days";
import { type Follow, type Start, useFollow } from "./follow";
import { timelineItems } from "./items";
import { JumpButton } from "./JumpButton";
import { type Kept, keptPlaces } from "./kept";
import { lighten } from "./lighten";
import { moveFocus } from "./moveFocus";
import { News } from "./News";
import { RoomStart } from "./RoomStart";
import { startOf } from "./start";
import { repliersOf } from "./ThreadSummary";
import { UnreadButton, useUnreadAbove } from "./UnreadButton";
import { useReadMark } from "./useReadMark";
import "../../styles/timeline.css";

interface TimelineProps {
  room: Room;
  /** The message to open at, by seq. */
  seq: number | null;
  /** Where it was left, and whether that is still on its way. */
  kept: Kept | null;
  isComing: boolean;
}

/** Further pages are asked for this far before the end of what is loaded. */
const LOAD_WITHIN_PX = 900;
/** While it stands so with the connection, what is new is on its way. */
const COMING: ReadonlySet<string> = new Set(["connecting", "catching_up", "online"]);

export function Timeline({ room, seq, kept, isComing }: TimelineProps) {
  const actions = useActions();
  const { state, timeline, newLineAfter } = room;
  // As long as nothing has come, nothing is known to be in between.
  const hasAfter = timeline.loaded && timeline.hasAfter;
  const { id } = state;
  const mine = me.value;
  const pending = pendingOf(id);
  const [isEnd, setEnd] = useState(false);
  const [flashed, setFlashed] = useState<number | null>(null);

  const items = useMemo(
    () =>
      timelineItems({
        messages: timeline.messages,
        pending: hasAfter ? [] : pending,
        me: mine.id,
        parent: null,
        newLineAfter,
        gapBeforeSeq: timeline.gapBeforeSeq,
      }),
    [timeline.messages, hasAfter, timeline.gapBeforeSeq, newLineAfter, mine.id, ...pendingKey(pending)],
  );
  const repliers = useMemo(() => repliersOf(timeline.messages), [timeline.messages]);
  const days = useMemo(() => daysOf(items), [items]);
  const rights = useMemo(
    () => rightsOf(state, mine.role),
    [state.role, state.kind, state.archived, mine.role],
  );

  const hasTarget = seq !== null && timeline.messages.some((message) => message.seq === seq);
  // From the last visit: it can be read where it was left, until the room itself comes.
  const isOld = timeline.kept && keptAt.value !== null;
  const isReady = timeline.loaded && (!timeline.stale || isOld) && !isComing;
  // Once it stands there it is as any other place: who reads the room anew later is not taken back to it.
  const left = useRef({ kept, isUsed: false });
  if (left.current.kept !== kept) left.current = { kept, isUsed: false };
  const back = left.current.isUsed ? null : kept;
  const start: Start | null = isReady ? startOf(items, seq, timeline.hasBefore, back) : null;
  const here = step.value;
  const latest = useRef(timeline);
  latest.current = timeline;
  const rows = useRef(items);
  rows.current = items;

  const readers = useSeen(room);
  const above = useUnreadAbove(room);
  const follow: Follow = useFollow({
    place: `${id}/${seq ?? ""}`,
    start,
    onStand: (where) => {
      left.current.isUsed = true;
      keptPlaces.keep(here, id, where === "end" ? null : standing(items, where));
    },
    onMove: (atEnd, fromTop, fromEnd) => {
      const now = latest.current;
      setEnd(atEnd && !now.hasAfter);
      above.look(follow);
      if (rows.current.length > SHOWN_MAX_COUNT) lighten(room, rows.current, follow, actions);
      if (now.loading !== "no" || now.failed || !now.loaded) return;
      if (now.hasBefore && fromTop < LOAD_WITHIN_PX) actions.loadBefore(id).catch(() => undefined);
      else if (now.hasAfter && fromEnd < LOAD_WITHIN_PX) actions.loadAfter(id).catch(() => undefined);
    },
  });

  useReadMark(room, isEnd && isReady && !isOld);

  useEffect(() => {
    setFlashed(hasTarget && !kept ? seq : null);
    const found = startOf(items, seq, timeline.hasBefore);
    // The page around it may come after the newest one was shown already.
    if (hasTarget && !kept && found.at === "row") follow.toRow(found.key, found.part);
  }, [seq, hasTarget]);

  // What I have just written is what I want to see.
  const newest = pending.at(-1)?.clientMessageId;
  const seen = useRef(newest);
  useEffect(() => {
    if (newest !== undefined && newest !== seen.current) toLatest();
    seen.current = newest;
  }, [newest]);

  const toLatest = (): void => {
    if (latest.current.loaded && latest.current.hasAfter)
      void actions.jumpToLatest(id).then(follow.toEnd, () => undefined);
    else follow.toEnd();
  };
  const retry = (): void => {
    const again = timeline.loaded ? actions.loadBefore(id) : actions.openRoom(id, seq ?? undefined);
    again.catch(() => undefined);
  };

  return (
    <div class="timeline-place">
      <div
        ref={follow.scroller}
        class="timeline"
        data-seen={readers ? "" : undefined}
        role="log"
        aria-live="off"
        aria-label={t("timeline.label")}
        aria-busy={
          timeline.loading !== "no" ||
          !(timeline.loaded || timeline.failed) ||
          (timeline.kept && COMING.has(link.value.kind))
        }
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard.
        tabIndex={0}
        onScroll={follow.onScroll}
        onKeyDown={moveFocus}
      >
        <div ref={follow.content} class="timeline-content">
          {timeline.failed ? <Failed text={t("timeline.failed")} onRetry={retry} /> : null}
          {(!timeline.loaded && !timeline.failed) || isComing ? <Skeleton kind="message" rows={8} /> : null}
          {timeline.loading === "before" ? <p class="timeline-older">{t("timeline.older")}</p> : null}
          {timeline.loaded && !timeline.hasBefore && !isComing ? (
            <RoomStart room={room} isEmpty={items.length === 0} />
          ) : null}
          {(isComing ? [] : days).map((day) => (
            <DayGroup
              key={day.key}
              day={day}
              rights={rights}
              flashed={flashed}
              repliers={repliers}
              seen={readers}
              tabStop={lastKey(items)}
            />
          ))}
          {timeline.loading === "after" ? <p class="timeline-older">{t("timeline.newer")}</p> : null}
        </div>
      </div>
      {isReady && above.isAbove ? (
        <UnreadButton room={room} count={state.last_msg_no - (newLineAfter ?? 0)} list={follow} />
      ) : null}
      {timeline.loaded && !isEnd ? <JumpButton unread={state.unread} onJump={toLatest} /> : null}
      <News room={room} />
    </div>
  );
}

function lastKey(items: ReturnType<typeof timelineItems>): string | null {
  return items.findLast((item) => item.kind === "message")?.key ?? null;
}

/** The message at the upper edge, or the first one below what stands there. */
function standing(items: ReturnType<typeof timelineItems>, { key, offset }: Anchor): Kept | null {
  const at = items.findIndex((item) => item.key === key);
  const found = items.slice(Math.max(at, 0)).find((item) => item.kind === "message");
  return found?.kind === "message" ? { key: found.key, offset, seq: found.message.seq } : null;
}

// The list of pending messages is made anew with every state; its members are not.
function pendingKey(pending: ReturnType<typeof pendingOf>): [string] {
  return [pending.map((each) => `${each.clientMessageId}${each.status}${each.error?.code ?? ""}`).join()];
}
