// Under a message with replies: who answered, how many answers, when the last one came.
import type { Message, Sender } from "../../protocol";
import { shortOf } from "../../text/dates";
import { t } from "../../text/t";
import { Avatar } from "../common/Avatar";
import { follow, roomPath } from "../route";
import "../../styles/thread-summary.css";

/** What is known of the answers to a message. */
export interface Repliers {
  people: readonly Sender[];
  lastAt: string;
}

const FACES_MAX_COUNT = 3;

/** Collect from the loaded messages who answered to which message; the latest first. */
export function repliersOf(messages: readonly Message[]): Map<number, Repliers> {
  const found = new Map<number, Repliers>();
  for (const { parent, sender, at, deleted_at } of messages) {
    if (parent === null || deleted_at !== null) continue;
    const others = found.get(parent)?.people.filter(({ id }) => id !== sender.id) ?? [];
    found.set(parent, { people: [sender, ...others].slice(0, FACES_MAX_COUNT), lastAt: at });
  }
  return found;
}

interface ThreadSummaryProps {
  message: Message;
  repliers: Repliers | undefined;
}

export function ThreadSummary({ message, repliers }: ThreadSummaryProps) {
  if (message.reply_count === 0 || message.parent !== null) return null;
  return (
    <a
      class="thread-summary"
      href={roomPath(message.room, { kind: "thread", message: message.id })}
      onClick={follow}
    >
      {repliers ? (
        <span class="thread-faces">
          {repliers.people.map((person) => (
            <Avatar key={person.id} person={person} size={20} />
          ))}
        </span>
      ) : null}
      <span class="thread-count">{t("thread.replies", { n: message.reply_count })}</span>
      {repliers ? (
        <span class="thread-last">{t("thread.last", { time: shortOf(repliers.lastAt) })}</span>
      ) : null}
    </a>
  );
}
