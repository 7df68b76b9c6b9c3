// Where I am named, in all rooms, the newest first: unread ones stand out, each leads to its place.
import { ArrowLeft, AtSign, Check, CornerUpRight } from "lucide-preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { UnreadMention } from "../../net/actions";
import { state } from "../../store/signals";
import { dayOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { IconButton } from "../common/IconButton";
import { StateLine } from "../common/StateLine";
import { Empty, Failed, Skeleton } from "../common/States";
import { layout } from "../layout";
import { messagePath } from "../marks/place";
import { roomName } from "../names";
import { back, follow } from "../route";
import { me, rightsOf } from "../selectors";
import { MessageRow } from "../timeline/MessageRow";
import { goToMessage } from "./goToMessage";
import { RoomSign } from "./RoomSign";
import { named, tops } from "./shown";
import { useMentions } from "./useMentions";
import "../../styles/unread.css";

export function MentionsPage() {
  const [isOnlyUnread, setOnlyUnread] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const { hasFailed, isBusy, again, more } = useMentions();
  const all = named.value?.items ?? [];
  const items = all.filter(
    (item) => state.value.rooms.has(item.message.room) && (!isOnlyUnread || isUnread(item)),
  );

  useEffect(() => {
    document.getElementById("main")?.focus();
  }, []);
  useLayoutEffect(() => {
    if (scroller.current) scroller.current.scrollTop = tops.mentions;
  }, [named.value !== null]);

  return (
    <main class="room" id="main" tabIndex={-1} aria-label={t("mentions.title")}>
      <header class="room-head">
        {layout.value === "phone" ? (
          <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/")} />
        ) : null}
        <h1 class="room-title">{t("mentions.title")}</h1>
        <fieldset class="apart-choice" aria-label={t("mentions.which")}>
          {[false, true].map((only) => (
            <button
              type="button"
              key={String(only)}
              aria-pressed={isOnlyUnread === only}
              onClick={() => setOnlyUnread(only)}
            >
              {t(only ? "mentions.unread" : "mentions.all")}
            </button>
          ))}
        </fieldset>
      </header>
      <StateLine />
      <div
        ref={scroller}
        class="apart"
        data-list-of-messages
        aria-busy={isBusy}
        onScroll={(event) => {
          tops.mentions = event.currentTarget.scrollTop;
        }}
      >
        {hasFailed ? <Failed text={t("mentions.failed")} onRetry={again} /> : null}
        {!named.value && !hasFailed ? <Skeleton kind="message" rows={6} /> : null}
        {named.value && items.length === 0 ? (
          <Empty
            title={t(isOnlyUnread ? "mentions.none_unread" : "mentions.empty")}
            mark={<AtSign size={40} strokeWidth={1.5} aria-hidden="true" />}
          >
            {isOnlyUnread ? null : <p>{t("mentions.empty_next", { handle: me.value.handle })}</p>}
          </Empty>
        ) : null}
        {items.length > 0 ? (
          // biome-ignore lint/a11y/useKeyWithClickEvents: Enter on a message is among the shortcuts.
          <ul class="apart-list" onClick={goToMessage}>
            {items.map((item, index) => (
              <MentionItem key={item.message.id} item={item} isFirst={index === 0} />
            ))}
          </ul>
        ) : null}
        {named.value?.next ? (
          <Button small busy={isBusy} onClick={more}>
            {t("mentions.more")}
          </Button>
        ) : null}
      </div>
    </main>
  );
}

function MentionItem({ item, isFirst }: { item: UnreadMention; isFirst: boolean }) {
  const actions = useActions();
  const { message } = item;
  const room = state.value.rooms.get(message.room);
  if (!room) return null;
  const name = roomName(room, state.value);
  const isNew = isUnread(item);
  return (
    <li class="mention-item" data-unread={isNew || undefined}>
      <header class="mention-where">
        <a href={messagePath(message)} onClick={follow}>
          <RoomSign room={room} />
          <bdi class="apart-name">{name}</bdi>
          {message.parent === null ? null : <span> · {t("thread.title")}</span>}
          <span class="mention-day"> · {dayOf(message.at)}</span>
          <CornerUpRight size={14} strokeWidth={2} aria-hidden="true" />
          <span class="unseen">{t("mentions.show")}</span>
        </a>
        {isNew ? (
          <>
            <span class="unseen">{t("mentions.is_unread")}</span>
            <IconButton
              icon={Check}
              small
              label={t("mentions.mark", { name })}
              onClick={() => actions.markRead(room.state.id, message.msg_no ?? 0)}
            />
          </>
        ) : null}
      </header>
      <MessageRow
        message={message}
        isHead
        rights={rightsOf(room.state, me.value.role)}
        isTabStop={isFirst}
        isFlashed={false}
      />
    </li>
  );
}

/** As it stands here, which may be further than what the server has said. */
function isUnread({ message }: UnreadMention): boolean {
  const read = state.value.rooms.get(message.room)?.state.read_msg_no ?? 0;
  return message.msg_no !== null && message.msg_no > read;
}
