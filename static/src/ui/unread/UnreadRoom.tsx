// What is unread in one room: its newest messages, the way to the others, and to be done with it.
import { Check } from "lucide-preact";
import { useMemo } from "preact/hooks";
import type { Message } from "../../protocol";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Skeleton } from "../common/States";
import { roomName } from "../names";
import { follow, roomPath } from "../route";
import { me, rightsOf } from "../selectors";
import { DayGroup } from "../timeline/DayGroup";
import { daysOf } from "../timeline/days";
import { timelineItems } from "../timeline/items";
import { repliersOf } from "../timeline/ThreadSummary";
import { goToMessage } from "./goToMessage";
import { RoomSign } from "./RoomSign";
import { parts } from "./shown";

interface UnreadRoomProps {
  room: Room;
  isFirst: boolean;
  onRead: () => void;
}

const NOTHING: readonly Message[] = [];

export function UnreadRoom({ room, isFirst, onRead }: UnreadRoomProps) {
  const actions = useActions();
  const { id, read_msg_no, last_msg_no, unread, mentions } = room.state;
  const part = parts.value.get(id);
  const messages = part?.messages ?? NOTHING;
  const mine = me.value.id;
  const shown = useMemo(
    () => messages.filter(({ msg_no, deleted_at }) => (msg_no ?? 0) > read_msg_no && deleted_at === null),
    [messages, read_msg_no],
  );
  const items = useMemo(
    () =>
      timelineItems({
        messages: shown,
        pending: [],
        me: mine,
        parent: null,
        newLineAfter: null,
        gapBeforeSeq: null,
      }),
    [shown, mine],
  );
  const repliers = useMemo(() => repliersOf(shown), [shown]);
  const first = items.find((item) => item.kind === "message")?.key ?? null;
  const name = roomName(room, state.value);
  const earlier = shown[0]?.msg_no ? shown[0].msg_no - read_msg_no - 1 : 0;

  return (
    <section class="apart-room" data-unread-room={id} aria-label={name}>
      <header class="apart-head">
        <h2>
          <a href={roomPath(id)} onClick={follow}>
            <RoomSign room={room} />
            <bdi class="apart-name">{name}</bdi>
          </a>
        </h2>
        <span class={mentions > 0 ? "mention-count" : "unread-count"}>
          <span aria-hidden="true">{mentions > 0 ? `@${mentions}` : unread}</span>
          <span class="unseen">{t("sidebar.unread", { n: unread })}</span>
        </span>
        <Button
          small
          icon={Check}
          onClick={() => {
            actions.markRead(id, last_msg_no);
            onRead();
          }}
        >
          {t("all_unread.mark")}
          <span class="unseen"> {name}</span>
        </Button>
      </header>
      {earlier > 0 ? (
        <a class="apart-earlier" href={roomPath(id)} onClick={follow}>
          {t("all_unread.earlier", { n: earlier })}
        </a>
      ) : null}
      {part ? null : <Skeleton kind="message" rows={2} />}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Enter on a message is among the shortcuts. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the times in it lead to the messages. */}
      <div class="apart-messages" onClick={goToMessage}>
        {daysOf(items).map((day) => (
          <DayGroup
            key={day.key}
            day={day}
            rights={rightsOf(room.state, me.value.role)}
            flashed={null}
            repliers={repliers}
            tabStop={isFirst ? first : null}
            isInThread
          />
        ))}
      </div>
    </section>
  );
}
