// A message of mine that is not stored yet: a clock while it waits, the reason and two ways out when it failed.
import { CircleAlert, Clock } from "lucide-preact";
import type { Pending } from "../../store/state";
import { timeOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar } from "../common/Avatar";
import { Button } from "../common/Button";
import { codeText } from "../errors";
import { QuoteStub } from "../marks/QuoteCard";
import { isStoreAway, link, me } from "../selectors";
import { DraftBody } from "./DraftBody";
import { PendingFiles } from "./PendingFiles";
import "../../styles/message.css";

interface PendingRowProps {
  pending: Pending;
  isHead: boolean;
}

export function PendingRow({ pending, isHead }: PendingRowProps) {
  const actions = useActions();
  const mine = me.value;
  const isFailed = pending.status === "failed";
  const isThere = link.value.kind === "online";
  const stateText = !isThere
    ? t("pending.waiting")
    : isStoreAway.value
      ? t("pending.store_away")
      : t("pending.sending");
  return (
    <article
      class={`message ${isFailed ? "message-failed" : "message-pending"}`}
      data-key={`p-${pending.clientMessageId}`}
      data-head={isHead || undefined}
    >
      <div class="message-side">{isHead ? <Avatar person={mine} /> : null}</div>
      <div class="message-main">
        {isHead ? (
          <header class="message-head">
            <bdi class="message-name">{mine.name}</bdi>
            <time class="message-time">{timeOf(pending.createdAt)}</time>
          </header>
        ) : null}
        <QuoteStub quote={pending.quote} />
        {pending.body === "" ? null : <DraftBody body={pending.body} />}
        {pending.poll ? (
          <ul class="poll-pending">
            {pending.poll.options.map((option) => (
              <li key={option}>{option}</li>
            ))}
          </ul>
        ) : null}
        <PendingFiles files={pending.files} />
        {isFailed ? (
          <div class="message-failure" role="alert">
            <CircleAlert size={14} strokeWidth={2} aria-hidden="true" />
            <span>
              {t("pending.failed", {
                reason: codeText(pending.error?.code ?? "unknown", pending.error?.detail ?? ""),
              })}
            </span>
            <Button small kind="quiet" onClick={() => actions.retry(pending.clientMessageId)}>
              {t("state.retry")}
            </Button>
            <Button small kind="quiet" onClick={() => actions.discard(pending.clientMessageId)}>
              {t("pending.discard")}
            </Button>
          </div>
        ) : (
          <span class="message-state" title={stateText}>
            <Clock size={13} strokeWidth={2} aria-hidden="true" />
            <span class="unseen">{stateText}</span>
          </span>
        )}
      </div>
    </article>
  );
}
