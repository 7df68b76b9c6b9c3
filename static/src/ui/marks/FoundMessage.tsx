// A message away from its room: who, when, where, what, and the way to it.
import type { ComponentChildren } from "preact";
import type { Message } from "../../protocol";
import { state } from "../../store/signals";
import { dayOf, fullOf, timeOf } from "../../text/dates";
import { t } from "../../text/t";
import { Avatar } from "../common/Avatar";
import { roomName } from "../names";
import { follow } from "../route";
import { Attachments } from "../timeline/Attachments";
import { MessageBody } from "../timeline/MessageBody";
import { messagePath } from "./place";
import { QuoteCard } from "./QuoteCard";

interface FoundMessageProps {
  message: Message;
  /** Say in which room it stands. */
  hasRoom?: boolean;
  note?: string;
  tools?: ComponentChildren;
}

export function FoundMessage({ message, hasRoom = false, note = "", tools = null }: FoundMessageProps) {
  const room = hasRoom ? state.value.rooms.get(message.room) : undefined;
  const isAnswer = message.quote?.room === message.room;
  return (
    <article
      class="marked"
      data-message={message.id}
      aria-label={t("message.label", { name: message.sender.name, time: timeOf(message.at) })}
    >
      <header class="marked-head">
        <Avatar person={message.sender} size={24} />
        <bdi class="marked-name">{message.sender.name}</bdi>
        <a class="marked-when" href={messagePath(message)} title={fullOf(message.at)} onClick={follow}>
          {room ? <bdi>{roomName(room, state.value)}</bdi> : null}
          {room ? " · " : null}
          {dayOf(message.at)} {timeOf(message.at)}
        </a>
        <span class="marked-tools">{tools}</span>
      </header>
      {isAnswer ? <QuoteCard message={message} /> : null}
      {message.body === "" ? null : <MessageBody body={message.body} html={message.html} />}
      {isAnswer ? null : <QuoteCard message={message} />}
      <Attachments message={message} />
      {note ? <p class="marked-note">{note}</p> : null}
    </article>
  );
}
