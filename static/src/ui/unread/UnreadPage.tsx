// Everything that is unread, room by room: read it, answer it, and mark it as read.
import { ArrowLeft, CheckCheck } from "lucide-preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { IconButton } from "../common/IconButton";
import { StateLine } from "../common/StateLine";
import { Empty, Failed, Skeleton } from "../common/States";
import { modKey } from "../keys";
import { layout } from "../layout";
import { back } from "../route";
import { synced } from "../selectors";
import { markAllRead, unread } from "../shortcuts/rooms";
import { parts, tops } from "./shown";
import { UnreadRoom } from "./UnreadRoom";
import { useUnread } from "./useUnread";
import "../../styles/unread.css";

const ROOMS_COUNT = 10;

export function UnreadPage() {
  const actions = useActions();
  const [count, setCount] = useState(ROOMS_COUNT);
  const scroller = useRef<HTMLDivElement>(null);
  const rooms = useOrder(unread());
  const shown = rooms.slice(0, count);
  const { hasFailed, again } = useUnread(shown);
  const isEmpty = synced.value && rooms.length === 0;
  const hasSome = shown.some(({ state: room }) => parts.value.has(room.id));

  useEffect(() => {
    document.getElementById("main")?.focus();
  }, []);
  useLayoutEffect(() => {
    if (scroller.current) scroller.current.scrollTop = tops.unread;
  }, [hasSome]);

  const goOn = (id: number): void => {
    // The group goes; the focus goes to the one that takes its place.
    const at = shown.findIndex((room) => room.state.id === id);
    const next = (shown[at + 1] ?? shown[at - 1])?.state.id;
    requestAnimationFrame(() => {
      const head = scroller.current?.querySelector<HTMLElement>(`[data-unread-room="${next}"] h2 a`);
      (head ?? document.getElementById("main"))?.focus();
    });
  };

  return (
    <main class="room" id="main" tabIndex={-1} aria-label={t("all_unread.title")}>
      <header class="room-head">
        {layout.value === "phone" ? (
          <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/")} />
        ) : null}
        <div class="room-titles">
          <h1 class="room-title">{t("all_unread.title")}</h1>
          {rooms.length > 0 ? <p class="room-topic">{t("all_unread.rooms", { n: rooms.length })}</p> : null}
        </div>
        {rooms.length > 0 ? (
          <Button small icon={CheckCheck} onClick={() => markAllRead(actions)}>
            {t("all_unread.mark_all")}
          </Button>
        ) : null}
      </header>
      <StateLine />
      <div
        ref={scroller}
        class="apart"
        data-list-of-messages
        onScroll={(event) => {
          tops.unread = event.currentTarget.scrollTop;
        }}
      >
        {hasFailed ? <Failed text={t("all_unread.failed")} onRetry={again} /> : null}
        {!isEmpty && !hasSome && !hasFailed ? <Skeleton kind="message" rows={6} /> : null}
        {isEmpty ? (
          <Empty title={t("all_unread.empty")}>
            <p>{t("all_unread.empty_next", { keys: `${modKey()}K` })}</p>
          </Empty>
        ) : null}
        {shown.map((room, index) => (
          <UnreadRoom
            key={room.state.id}
            room={room}
            isFirst={index === 0}
            onRead={() => goOn(room.state.id)}
          />
        ))}
        {rooms.length > count ? (
          <Button small onClick={() => setCount(count + ROOMS_COUNT)}>
            {t("all_unread.more", { n: rooms.length - count })}
          </Button>
        ) : null}
      </div>
    </main>
  );
}

/** Where I am named first, then conversations, then rooms; who is here already keeps the place. */
function useOrder(rooms: readonly Room[]): Room[] {
  const order = useRef(new Map<number, number>());
  const weight = ({ state: room }: Room): number =>
    (room.mentions > 0 ? 2 : 0) + (room.kind === "direct" ? 1 : 0);
  const fresh = rooms
    .filter((room) => !order.current.has(room.state.id))
    .sort((a, b) => weight(b) - weight(a));
  for (const room of fresh) order.current.set(room.state.id, order.current.size);
  const placeOf = (room: Room): number => order.current.get(room.state.id) ?? 0;
  return [...rooms].sort((a, b) => placeOf(a) - placeOf(b));
}
