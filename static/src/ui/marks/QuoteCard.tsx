// Another message inside of a message: an answer by quote, or a forward.
import { CornerUpLeft, Forward, MessageSquareOff, X } from "lucide-preact";
import type { Message, Quote } from "../../protocol";
import { state } from "../../store/signals";
import type { Quoted } from "../../store/state";
import { dayOf, fullOf, timeOf } from "../../text/dates";
import { t } from "../../text/t";
import { IconButton } from "../common/IconButton";
import { roomName } from "../names";
import { follow } from "../route";
import { Attachments } from "../timeline/Attachments";
import { MessageBody } from "../timeline/MessageBody";
import { messagePath } from "./place";
import { takeQuote } from "./quoting";
import "../../styles/quote.css";

/** What a message quotes; nothing for one that quotes nothing. */
export function QuoteCard({ message }: { message: Message }) {
  const { quote } = message;
  if (!quote) return null;
  if (quote.gone || !quote.sender || quote.room === null || quote.seq === null || quote.at === null) {
    return (
      <p class="quote quote-gone">
        <MessageSquareOff size={15} strokeWidth={1.75} aria-hidden="true" />
        {t("quote.gone")}
      </p>
    );
  }
  return <Standing message={message} quote={quote} />;
}

function Standing({ message, quote }: { message: Message; quote: Quote }) {
  const isHere = quote.room === message.room;
  const room = quote.room === null ? undefined : state.value.rooms.get(quote.room);
  const at = quote.at ?? "";
  const Sign = isHere ? CornerUpLeft : Forward;
  return (
    <figure class="quote" data-here={isHere || undefined}>
      <figcaption class="quote-head">
        <Sign size={14} strokeWidth={2} aria-hidden="true" />
        <span class="unseen">{t(isHere ? "quote.quoted" : "quote.forwarded")} </span>
        <bdi class="quote-name">{quote.sender?.name}</bdi>
        {room && !isHere ? <bdi class="quote-where">{roomName(room, state.value)}</bdi> : null}
        {room && quote.room !== null && quote.seq !== null ? (
          <a
            class="quote-time"
            href={messagePath({ room: quote.room, parent: quote.parent, seq: quote.seq })}
            title={t("quote.show", { when: fullOf(at) })}
            onClick={follow}
          >
            {dayOf(at)} {timeOf(at)}
          </a>
        ) : (
          <time class="quote-time" dateTime={at} title={fullOf(at)}>
            {dayOf(at)} {timeOf(at)}
          </time>
        )}
      </figcaption>
      <blockquote class="quote-words">
        {quote.body === "" ? null : <MessageBody body={quote.body} html={quote.html} />}
        {quote.attachments.length > 0 ? (
          <Attachments message={{ ...message, attachments: quote.attachments }} />
        ) : null}
      </blockquote>
    </figure>
  );
}

/** The same, in short, until the server has the message. */
export function QuoteStub({ quote }: { quote: Quoted | null | undefined }) {
  if (!quote) return null;
  return (
    <figure class="quote quote-stub" data-here>
      <figcaption class="quote-head">
        <CornerUpLeft size={14} strokeWidth={2} aria-hidden="true" />
        <bdi class="quote-name">{quote.name}</bdi>
      </figcaption>
      <blockquote class="quote-words" dir="auto">
        {quote.text}
      </blockquote>
    </figure>
  );
}

/** Above the text that is being written. */
export function QuoteBar({ quote, place }: { quote: Quoted | null; place: string }) {
  if (!quote) return null;
  return (
    <div class="quote-bar">
      <CornerUpLeft size={16} strokeWidth={2} aria-hidden="true" />
      <p>
        <span class="unseen">{t("quote.answering")} </span>
        <bdi class="quote-name">{quote.name}</bdi> <bdi class="quote-bar-text">{quote.text}</bdi>
      </p>
      <IconButton icon={X} small label={t("quote.drop")} onClick={() => takeQuote(place)} />
    </div>
  );
}
