// Under a message with replies: who answered, how many answers, when the last one came.
import type { Message, Sender, User } from "../../protocol";
import { state } from "../../store/signals";
import { unreadOf } from "../../store/threads";
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

/** Who answered last: of the answers that are here, then of what the server has told of those before them. */
function facesOf(message: Message, here: Repliers | undefined): (Sender | User)[] {
  const people: (Sender | User)[] = [...(here?.people ?? [])];
  for (const id of message.thread?.people ?? []) {
    const known = state.value.users.get(id);
    if (known && !people.some((person) => person.id === id)) people.push(known);
  }
  return people.slice(0, FACES_MAX_COUNT);
}

export function ThreadSummary({ message, repliers }: ThreadSummaryProps) {
  if (message.reply_count === 0 || message.parent !== null) return null;
  const faces = facesOf(message, repliers);
  const lastAt = repliers?.lastAt ?? message.thread?.last_at;
  const followed = state.value.threads.followed?.get(message.id);
  const newCount = followed ? unreadOf(followed) : 0;
  return (
    <a
      class="thread-summary"
      href={roomPath(message.room, { kind: "thread", message: message.id })}
      onClick={follow}
    >
      {faces.length > 0 ? (
        <span class="thread-faces">
          {faces.map((person) => (
            <Avatar key={person.id} person={person} size={20} />
          ))}
        </span>
      ) : null}
      <span class="thread-count">{t("thread.replies", { n: message.reply_count })}</span>
      {newCount > 0 ? <span class="thread-new">{t("thread.new", { n: newCount })}</span> : null}
      {lastAt ? <span class="thread-last">{t("thread.last", { time: shortOf(lastAt) })}</span> : null}
    </a>
  );
}
