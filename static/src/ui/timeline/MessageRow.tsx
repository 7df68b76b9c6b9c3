// One message: face, name, time, words, reactions, thread. Drawn anew only when one of its parts is another.
import { Pin } from "lucide-preact";
import { useRef, useState } from "preact/hooks";
import type { Message } from "../../protocol";
import { namesMe } from "../../store/naming";
import { state } from "../../store/signals";
import { fullOf, timeOf } from "../../text/dates";
import { t } from "../../text/t";
import { Avatar } from "../common/Avatar";
import { dialog } from "../dialogs";
import { isTouch } from "../layout";
import { QuoteCard } from "../marks/QuoteCard";
import { isSelecting, selection, toggle } from "../marks/selection";
import { userName } from "../names";
import { PollCard } from "../polls/PollCard";
import { toggleCard } from "../profile/card";
import { DoingMark } from "../profile/Doing";
import { SeenFaces } from "../seen/SeenFaces";
import { doings, me, type Rights } from "../selectors";
import { Attachments } from "./Attachments";
import { EditBox } from "./EditBox";
import { editing } from "./editing";
import { LinkPreviews } from "./LinkPreviews";
import { MessageBody } from "./MessageBody";
import { MessageTools } from "./MessageTools";
import { Reactions } from "./Reactions";
import { ReplyLine } from "./ReplyLine";
import { messageRights } from "./rights";
import { type Repliers, ThreadSummary } from "./ThreadSummary";
import "../../styles/message.css";

interface MessageRowProps {
  message: Message;
  isHead: boolean;
  rights: Rights;
  /** The one row that Tab reaches; arrows move on from it. */
  isTabStop: boolean;
  isFlashed: boolean;
  repliers?: Repliers | undefined;
  /** Who has read up to here and no further. */
  readers?: readonly number[] | undefined;
  /** Shown at the head of its own thread, which needs no way into it. */
  isInThread?: boolean;
}

export function MessageRow(props: MessageRowProps) {
  const { message, isHead, rights: roomRights, isTabStop, isFlashed, repliers, isInThread = false } = props;
  const { readers } = props;
  const ref = useRef<HTMLElement>(null);
  const [isPointed, setPointed] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const [isHeld, setHeld] = useState(false);
  const isEditing = editing.value === message.id;

  if (message.deleted_at !== null) return <DeletedRow message={message} repliers={repliers} />;

  const mine = me.value.id;
  const rights = messageRights(message, roomRights, mine);
  // What is answered stands above the answer, what is passed on below the words that go with it.
  const isAnswer = message.quote?.room === message.room;
  const isForMe = message.sender.id !== mine && namesMe(message, mine);
  const isChoosing = isSelecting(message);
  const isChosen = isChoosing && selection.value?.ids.has(message.id) === true;
  const hasTools = (isPointed || isFocused || isHeld) && !isEditing && !isChoosing;
  const choose = (event: MouseEvent | KeyboardEvent): void => {
    if (!isChoosing) return;
    // Links and buttons of the message rest meanwhile.
    event.preventDefault();
    event.stopPropagation();
    toggle(message.id, event.shiftKey ? shownBeside(ref.current) : null);
  };
  return (
    <article
      ref={ref}
      class="message"
      data-key={`m-${message.id}`}
      data-seq={message.seq}
      data-head={isHead || undefined}
      data-names-me={isForMe || undefined}
      data-flashed={isFlashed || undefined}
      data-tooled={hasTools || undefined}
      data-chosen={isChosen || undefined}
      data-choosing={isChoosing || undefined}
      aria-label={t("message.label", { name: message.sender.name, time: timeOf(message.at) })}
      tabIndex={isTabStop ? 0 : -1}
      onClickCapture={choose}
      onKeyDown={(event) => {
        if (event.target === ref.current && (event.key === " " || event.key === "Enter")) choose(event);
      }}
      onPointerEnter={(event) => setPointed(event.pointerType === "mouse")}
      onPointerLeave={() => setPointed(false)}
      onFocusIn={(event) => setFocused(isTouch() || (event.target as HTMLElement).matches(":focus-visible"))}
      onFocusOut={(event) => setFocused(ref.current?.contains(event.relatedTarget as Node | null) ?? false)}
    >
      <div class="message-side">
        {isChoosing ? (
          <input
            type="checkbox"
            class="message-check"
            checked={isChosen}
            aria-label={t("select.choose", { name: message.sender.name })}
          />
        ) : isHead ? (
          <button
            type="button"
            class="face-button"
            tabIndex={-1}
            aria-hidden="true"
            onClick={(event) => toggleCard(message.sender.id, event.currentTarget)}
          >
            <Avatar person={message.sender} />
          </button>
        ) : (
          <Time at={message.at} isShort />
        )}
      </div>
      <div class="message-main">
        {isHead ? (
          <header class="message-head">
            <button
              type="button"
              class="message-name"
              title={`@${message.sender.handle}`}
              aria-haspopup="dialog"
              tabIndex={isTabStop ? 0 : -1}
              onClick={(event) => toggleCard(message.sender.id, event.currentTarget)}
            >
              <bdi>{message.sender.name}</bdi>
            </button>
            <DoingMark doing={doings.value.get(message.sender.id)} />
            {message.sender.is_bot ? <span class="bot-mark">{t("people.bot")}</span> : null}
            <Time at={message.at} />
          </header>
        ) : null}
        {isInThread || message.parent === null || message.msg_no === null ? null : (
          <ReplyLine message={message} thread={message.parent} />
        )}
        {message.pinned ? <PinMark message={message} /> : null}
        {isAnswer ? <QuoteCard message={message} /> : null}
        {isEditing ? (
          <EditBox message={message} />
        ) : message.body === "" ? null : (
          <MessageBody
            body={message.body}
            html={message.html}
            calls={message.sender.id === mine ? undefined : message.calls}
            editedAt={message.edited_at}
            onEdited={() => {
              dialog.value = { kind: "versions", message };
            }}
          />
        )}
        {message.poll ? <PollCard message={message} poll={message.poll} rights={rights} /> : null}
        {isAnswer ? null : <QuoteCard message={message} />}
        <Attachments message={message} />
        <LinkPreviews message={message} mayRemove={rights.remove} />
        <Reactions message={message} mayReact={rights.react} />
        {isInThread ? null : <ThreadSummary message={message} repliers={repliers} />}
      </div>
      {readers ? <SeenFaces message={message} readers={readers} isTabStop={isTabStop} /> : null}
      {hasTools ? (
        <MessageTools
          message={message}
          rights={rights}
          mayReply={!isInThread && (message.parent === null || message.msg_no !== null)}
          onHold={setHeld}
        />
      ) : null}
    </article>
  );
}

function PinMark({ message }: { message: Message }) {
  const by = message.pinned?.by ?? null;
  return (
    <p class="pin-mark">
      <Pin size={12} strokeWidth={2} aria-hidden="true" />
      {by === null ? t("pins.pinned") : t("pins.pinned_by", { name: userName(by, state.value) })}
    </p>
  );
}

/** The messages of a list, from top to bottom. */
function shownBeside(row: HTMLElement | null): number[] {
  const rows = row?.closest("[role=log]")?.querySelectorAll<HTMLElement>("article[data-choosing]") ?? [];
  return [...rows].map(({ dataset }) => Number(dataset.key?.slice(2)));
}

function DeletedRow({ message, repliers }: { message: Message; repliers: Repliers | undefined }) {
  return (
    <article class="message message-deleted" data-key={`m-${message.id}`} data-seq={message.seq} data-head>
      <div class="message-side" />
      <div class="message-main">
        <p title={fullOf(message.at)}>
          {t(message.removal ? "message.removed" : "message.deleted")}
          {message.removal?.reason ? (
            <>
              {" "}
              <bdi>{t("message.removed_for", { reason: message.removal.reason })}</bdi>
            </>
          ) : null}
        </p>
        <ThreadSummary message={message} repliers={repliers} />
      </div>
    </article>
  );
}

function Time({ at, isShort = false }: { at: string; isShort?: boolean }) {
  return (
    <time
      class={isShort ? "message-time message-time-side" : "message-time"}
      dateTime={at}
      title={fullOf(at)}
    >
      {timeOf(at)}
    </time>
  );
}
